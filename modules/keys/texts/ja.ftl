keys-nav = 鍵
