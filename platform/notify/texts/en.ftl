# Settings of notices, and notices about one's own account
notify-test-subject = Test message
notify-test-body = This is a test. If you can read it, the settings work.
notify-test-link = See the state of notices
