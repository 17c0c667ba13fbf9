# Settings of notices, and notices about one's own account
notify-test-subject = Test message
notify-test-body = This is a test. If you can read it, the settings work.
notify-test-link = See the state of notices

# Notices about one's own account
notify-invited-subject = You are invited to { $tenant }
notify-invited-body =
    Hello { $name },

    { $tenant } has invited you to Sekisho, where it manages keys and access.
    Set your password with the button below to begin. The link works once, until { $until }.

    If you did not expect this, please ignore this mail.
notify-invited-link = Set your password
notify-reset-subject = Reset your password
notify-reset-body =
    Hello { $name },

    We received a request to reset your password. Choose a new one with the button below.
    The link works once, until { $until }.

    If it was not you, there is nothing to do: your present password still works.
notify-reset-link = Choose a new password
notify-password-set-subject = Your password was changed
notify-password-set-body =
    Hello { $name },

    The password of your account was changed.
    If it was not you, tell your administrator at once.
notify-security-link = Review your sign-ins
notify-locked-subject = Your account is locked
notify-locked-body =
    Hello { $name },

    Your account was locked after several wrong entries of your { $factor ->
        [pin] PIN
        [two_step] verification code
       *[password] password
    }.
    If it was you, unlock it with the button below, until { $until }.

    If it was not you, somebody may have tried to sign in under your name. Do not unlock the account; tell your administrator.
notify-locked-link = Unlock my account
notify-code-subject = Your verification code
notify-code-body =
    Hello { $name },

    Your verification code { $purpose ->
        [box] for the key box
        [step_up] to go on
       *[sign_in] for signing in
    } is { $code }. Enter it within 5 minutes.

    Tell this code to nobody. If you did not ask for it, tell your administrator.
notify-code-short = Verification code: { $code } (valid for 5 minutes), { $tenant }. Tell it to nobody.
notify-new-device-subject = New sign-in to your account
notify-new-device-body =
    Hello { $name },

    At { $at } somebody signed in to your account from a device not used before.

    Device: { $agent }
    Address: { $address }

    If it was you, there is nothing to do. If not, sign that device out with the button below and change your password.
