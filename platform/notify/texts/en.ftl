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

# Pages
notify-title = Notices
notify-tab-notices = Deliveries
notify-tab-channels = Channels
notify-tab-webhooks = Webhooks
notify-show = Show
notify-state = State
notify-state-dead = Not delivered
notify-state-queued = Waiting
notify-state-sent = Sent
notify-state-dropped = Dropped
notify-none-dead = Everything was delivered
notify-none-queued = Nothing is waiting
notify-none-sent = Nothing was sent yet
notify-none-dropped = Nothing was dropped
notify-none-text = Notices that could not be delivered appear here with the reason. Mend the cause, then send them again.
notify-what = About
notify-to = To
notify-means = By
notify-when = Time
notify-why = Result
notify-outside = Outside address
notify-nobody = Somebody who left
notify-again = Send again
notify-sent-again = It will be sent again.
notify-dead-count = Not delivered: { $count }
notify-means-mail = Mail
notify-means-sms = SMS
notify-means-push = Push
notify-means-chat = Chat
notify-means-webhook = Webhook
notify-name = Name
notify-kind = Kind
notify-save = Save
notify-back = Back
notify-remove = Remove
notify-saved = Saved.
notify-removed = Removed.
notify-channel-add = Add a channel
notify-channel-smtp = Mail (SMTP)
notify-channel-sms = SMS gateway
notify-channel-slack = Slack
notify-channel-teams = Microsoft Teams
notify-channel-test = Send a test
notify-test-sent = A test message is on its way. See its result under Deliveries.
notify-channel-remove-question = “{ $name }” will be removed. Notices waiting for it will not be sent.
notify-channels-none = No channels yet
notify-channels-text = Add a mail server or a chat channel below. Until then mail goes out through the server of the installation.
notify-host = Server
notify-port = Port
notify-encryption = Encryption
notify-encryption-start_tls = STARTTLS (port 587)
notify-encryption-tls = TLS (port 465)
notify-encryption-none = None
notify-user = User name
notify-password = Password
notify-from = Sender’s mail address
notify-from-name = Sender’s name
notify-url = Address (URL)
notify-method = Method
notify-content-type = Format of the body
notify-headers = Headers
notify-headers-hint = One a line, as “Name: value”, such as Authorization: Bearer …
notify-body = Body
notify-sms-hint = Write {"{to}"} where the telephone number goes and {"{text}"} where the words go, in the address or the body. Both are escaped for the format.
notify-chat-hint = Paste the address of the incoming webhook (in Teams: of the workflow). It is not shown again after saving.
notify-webhook-add = Add a webhook
notify-webhook-added = The webhook was added
notify-webhook-secret = Signing secret
notify-webhook-secret-text = This secret is shown once. Set it at the receiver and keep it in a safe place.
notify-webhook-events = Events
notify-webhook-events-hint = Such as keys.* or keys.taken_out. Leave it empty to send everything.
notify-webhook-all = All
notify-webhook-on = On
notify-webhook-paused = Paused
notify-webhook-failing = Retrying
notify-webhook-pause = Pause
notify-webhook-resume = Resume
notify-webhook-replay = Replay
notify-webhook-replay-question = Every event after this position will be sent once more, in order.
notify-webhook-after = Position
notify-webhook-replayed = Sending again from that position.
notify-webhook-success = Last taken
notify-webhook-answer = Last answer
notify-webhooks-none = No webhooks yet
notify-webhooks-text = Send events such as a key taken out to your own systems, in order and signed.
notify-mine = How I am told
notify-me = My page
notify-mine-kinds = By kind
notify-kinds-none = Nothing to choose yet
notify-kinds-text = Notices about the safety of your account always come by mail.
notify-browsers = Devices with push notifications
notify-browser = Device
notify-since = Since
notify-browsers-none = No devices yet
notify-browsers-text = On a phone, add Sekisho to the home screen first, then switch notifications on here.
notify-push-on = Notify me on this device
notify-push-off = Stop on this device
notify-mailbox = Mailbox
notify-mailbox-picture = A picture in the mail
notify-mailbox-lead = Mails, text messages and notifications that this demo would have sent. Nothing leaves this machine.
notify-mailbox-none = Nothing yet
notify-mailbox-text = Sign in or lend a key, and the mail that would have been sent arrives here.
notify-error-name = Enter a name of 1 to 100 characters.
notify-error-host = Enter the server’s name and port.
notify-error-mail = Enter the sender’s mail address.
notify-error-plain-password = A password is not sent over an unencrypted connection. Choose TLS or STARTTLS.
notify-error-url = Enter a public address that begins with https://.
notify-error-places = Put both {"{to}"} and {"{text}"} into the address or the body.
notify-error-events = Write events like keys.taken_out or keys.*.
notify-error-position = There is no event at that position.
notify-error-subscription = The browser’s subscription is not valid.
notify-error-means = Choose among mail, push and SMS.
notify-error-attachments = A notice carries at most 5 attachments, together no more than 1 MB.

# Questions answered by a button
notify-act-title = Your answer
notify-act-choose = Please choose an answer. Nothing happens until you press a button.
notify-act-sure = Press the button to answer “{ $choice }”. Nothing has happened yet.
notify-act-others = Other answers
notify-act-until = Answers are taken until { $until }.
notify-act-done-title = Thank you
notify-act-refused-title = This could not be done
notify-act-yours-title = You have answered
notify-act-yours = Your answer “{ $choice }” was taken ({ $at }).
notify-act-quicker-title = Already answered
notify-act-quicker = { $who } was quicker: “{ $choice }” ({ $at }).
notify-act-dealt = { $who } has already dealt with this ({ $at }).
notify-act-person = { $name }
notify-act-somebody = Somebody else
notify-act-answered = This was answered already. Nothing was changed.
notify-act-over-title = This has ended
notify-act-over = Answers are no longer taken. Nothing was changed.
notify-error-choice = Choose one of the answers that are offered.

# LINE WORKS, Chatwork and other programs
notify-channel-line_works = LINE WORKS (bot)
notify-channel-line_works_hook = LINE WORKS (Incoming Webhook)
notify-channel-chatwork = Chatwork
notify-channel-json = Other program (JSON)
notify-line-works-bot = Bot ID
notify-line-works-channel = Channel ID
notify-line-works-channel-hint = The ID at the bottom of the room’s member list. The bot must be a member of the room.
notify-line-works-client-id = Client ID
notify-line-works-client-secret = Client Secret
notify-line-works-service-account = Service Account
notify-line-works-private-key = Private Key
notify-line-works-private-key-hint = Paste the whole file from the Developer Console, from “-----BEGIN” to “END-----”. The app needs the scope “bot”. It is not shown again after saving.
notify-chatwork-room = Room ID
notify-chatwork-room-hint = The number after “#!rid” in the address of the room.
notify-chatwork-token = API token
notify-chatwork-token-hint = Of the account that writes into the room. It is not shown again after saving.
notify-error-line-works-id = Enter the ID as the Developer Console shows it: letters, digits and hyphens.
notify-error-line-works-app = Enter this as the Developer Console shows it.
notify-error-private-key = This is not a private key. Paste the whole file, from “-----BEGIN” to “END-----”.
notify-error-room = Enter the room’s number, such as 123456789.
notify-error-chat-token = Enter the API token.
