keys-nav = Keys
