identity-x = x
