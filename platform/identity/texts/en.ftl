# Rail and general words
identity-nav-me = My page
identity-nav-people = People
identity-save = Save
identity-saved = Saved.
identity-back = Back
identity-later = Later
identity-optional = optional
identity-search = Search
identity-csv = Download CSV
identity-since = Since
identity-record = Open in the record
identity-access = Access
identity-address = Address

# Signing in
identity-sign-in = Sign in
identity-mail = Mail address
identity-password = Password
identity-forgot = Forgot your password?
identity-to-sign-in = To the sign-in page
identity-sign-in-wrong = You could not be signed in. Check mail address and password. After three wrong tries in a row an account is locked, and a mail tells its owner how to unlock it.
identity-sign-in-wrong-no-mail = You could not be signed in. Check mail address and password. After three wrong tries in a row an account is locked; ask your administrator to unlock it.
identity-too-many = Too many failures came from this address. Wait some ten minutes, then try again.
identity-start-again = That took too long. Please sign in again from the start.
identity-signed-out = You are signed out.

# The second step
identity-two-step = Two-step sign-in
identity-code = Code
identity-code-check = Continue
identity-code-from-app = Enter the six digits that your authenticator app shows.
identity-code-choose = Choose how to get a code.
identity-code-sent-mail = A code is on its way to your mailbox. Enter it within five minutes.
identity-code-sent-sms = A code is on its way to your telephone. Enter it within five minutes.
identity-code-by-mail = Get a code by mail
identity-code-by-sms = Get a code by text message
identity-code-again = Send another code
identity-code-or-recovery = A recovery code works, too.
identity-code-help = No code? Look into the spam folder, too. If there is none, ask your administrator.
identity-code-no-way = No code can be sent to you from here, and you have no authenticator app yet. Ask your administrator for a one-time link.
identity-code-instead = Get a code instead
identity-code-wrong = The code is wrong or no longer valid. Try a new one.
identity-code-locked = Too many wrong codes. We have mailed you how to unlock your account.
identity-locked-no-mail = Too many wrong tries. This is locked now; ask your administrator to unlock it.
identity-code-no-address = There is no address on file for this way.
identity-code-not-sent = No code could be sent. Wait a little, then try again.
identity-code-too-many = Many codes were sent in a short time. Wait a few minutes, then try again.

# The first second step, straight from an invitation
identity-first-app = Your password is saved. The second step is an authenticator app on your phone: add it now, and you are signed in.
identity-first-app-rather = Your password is saved. Add an authenticator app, and you are signed in without waiting for a code.
identity-first-app-do = Use an authenticator app instead
identity-first-app-over = This step is open for 15 minutes after the password was set by an invitation. Please sign in. If you cannot, ask your administrator for a new link.

# Proving again who one is
identity-step-up = Confirm that it is you
identity-step-up-needed = To be safe, confirm first that it is you.
identity-step-up-app = Before this important step, confirm that it is you. Enter the six digits of your authenticator app. This holds for five minutes.
identity-step-up-choose = Before this important step, confirm that it is you. Choose how to get a code.

# Mailed links
identity-link-gone = This link no longer works
identity-link-missing = This link was used already, or its 24 hours are over.
identity-welcome = Welcome
identity-welcome-intro = Welcome to { $tenant }, { $name }. First, choose a password.
identity-new-password = New password
identity-new-password-intro = Choose a new password, { $name }. Saving it signs out all other devices.
identity-password-hint = At least 8 characters of any kind, spaces too. A short sentence is easy to remember and hard to guess.
identity-password-save = Save password
identity-password-saved = Your password is saved. Please sign in.
identity-password-short = Use at least 8 characters.
identity-password-long = Use at most 128 characters.
identity-password-common = This is among the first passwords anybody would try. Choose another.
identity-password-own = This is too close to your name or mail address. Choose another.
identity-forgot-intro = Enter your mail address. We will send you a link to set a new password.
identity-forgot-send = Send the link
identity-forgot-sent = If the address is known, a link is on its way. It can take a few minutes.
identity-unlock = Unlock
identity-unlock-intro = This unlocks the account of { $name }.
identity-unlock-warn = If it was not you who tried, change your password after unlocking.
identity-unlocked = The account is unlocked.

identity-forgot-no-mail = This installation sends no mail. Ask your administrator for a one-time link: with it you set a new password.

# My page
identity-me-hello = Hello, { $name }
identity-me-empty = Nothing to do right now
identity-me-empty-text = Keys you can use and what is planned for you will show here.
identity-profile = Profile
identity-profile-note = If something is wrong here, tell your administrator.
identity-name = Name
identity-kana = Reading (kana)
identity-phone = Telephone
identity-number = ID number
identity-language = Language
identity-groups = Groups

# My security
identity-security = Security
identity-app = Authenticator app
identity-app-on = Authenticator app in use
identity-app-off = With an authenticator app you sign in faster, without waiting for a mail.
identity-app-add = Add an authenticator app
identity-app-added = The authenticator app is added.
identity-app-remove = Remove
identity-app-remove-question = From then on you sign in with codes sent to you. Remove the authenticator app?
identity-app-remove-do = Remove
identity-app-removed = The authenticator app is removed.
identity-app-first = Let us add an authenticator app first: next time you need not wait for a mail.
identity-app-why = An authenticator app shows codes even without a network.
identity-app-step-install = Put an authenticator app on your phone (Google Authenticator, Microsoft Authenticator, …).
identity-app-step-scan = Scan this QR code with it.
identity-app-step-type = If that does not work, type this:
identity-app-step-code = Enter the six digits it shows.
identity-app-qr = QR code for the authenticator app
identity-app-confirm = Add
identity-totp-already = There is an authenticator app already.
identity-recovery-codes = Recovery codes
identity-recovery-left =
    { $count ->
    [0] You have no recovery codes. Make some for the day you lose your phone.
    [one] You have one unused recovery code.
   *[other] You have { $count } unused recovery codes.
    }
identity-recovery-make = Make recovery codes
identity-recovery-make-do = Make
identity-recovery-question = This makes ten new codes. Older ones stop working.
identity-recovery-keep = These codes are shown only now. Print them or keep them in a safe place. Each works once.
identity-kept = I have kept it
identity-password-current = Current password
identity-password-current-wrong = The current password is wrong.
identity-password-locked = Too many wrong passwords. We have mailed you how to unlock your account.
identity-password-change = Change password
identity-password-change-note = This signs out your other devices and ends your API tokens.
identity-password-changed = Your password is changed. Other devices are signed out.
identity-pin = PIN for boxes
identity-pin-hint = 4 to 8 digits. Saving it empty removes the PIN.
identity-pin-bad = Use 4 to 8 digits, neither all the same nor in a row.
identity-pin-has = One is set.
identity-pin-none = None is set. After the badge, a one-time code is asked for.
identity-pin-new = New PIN
identity-pin-give = Set PIN
identity-devices = Devices signed in
identity-device = Device
identity-seen = Last used
identity-this-device = This device
identity-device-end = Sign out
identity-device-ended = That device is signed out.
identity-devices-end = Sign out all other devices
identity-devices-end-question = All devices but this one will be signed out.
identity-devices-end-do = Sign out
identity-devices-ended = All other devices are signed out.
identity-tokens = API tokens
identity-tokens-none = No tokens
identity-tokens-none-text = Make one to connect another system.
identity-token-name = Used for
identity-token-scopes = Scopes
identity-token-scopes-hint = module:read or module:write, separated by spaces, such as keys:read identity:write. * means every module. Give module:admin only to a token that is to invite people, give the right to manage, or change how messages are sent.
identity-token-days = Days
identity-token-expires = Expires
identity-token-make = Make a token
identity-token-made = Your new API token
identity-token-keep = The token is shown only now. Copy it before you leave this page.
identity-token-revoke = Revoke
identity-token-revoke-do = Revoke
identity-token-revoke-question = Whatever uses “{ $name }” loses access at once.
identity-token-revoked = The token is revoked.
identity-token-by-token = A token cannot make tokens.
identity-scopes-bad = Write module:read, module:write or module:admin.
identity-days-bad = Between 1 and 366 days.

# People
identity-people-search = Name, or whole mail address
identity-people-none = Nobody here
identity-people-none-text = Change the filters, or invite somebody.
identity-state = State
identity-state-active = Active
identity-state-invited = Invited
identity-state-left = Left
identity-state-all = All
identity-kind = Kind
identity-kind-all = All
identity-kind-user = User
identity-kind-guest = Guest
identity-group = Group
identity-group-all = All
identity-signed-in = Last sign-in
identity-invite = Invite
identity-invite-do = Invite
identity-invite-again = Send the invitation again
identity-invite-no-mail = There is no mail address to send an invitation to.
identity-invited-no-mail = Invited. No mail goes out from here: make a one-time link and hand it over yourself.
identity-invited = The invitation is on its way.
identity-added = Added.
identity-mail-hint = A link to set a password goes there. Without it there is no sign-in to pages, but boxes and doors can be used.
identity-number-hint = 4 to 8 digits, typed at a box
identity-guest = From outside (guest)
identity-guest-hint = Listed apart.
identity-name-bad = Enter 1 to 100 characters.
identity-mail-bad = This is not a mail address.
identity-mail-taken = Somebody else has this mail address.
identity-phone-bad = Enter a telephone number, such as 090-1234-5678 or +44 20 7946 0000.
identity-language-bad = Use ja (Japanese) or en (English).
identity-number-bad = Enter 4 to 8 digits.
identity-number-taken = Somebody else has this ID number.
identity-group-missing = There is no such group.
identity-import = Import CSV
identity-import-intro = Choose a CSV file (UTF-8) whose first line names the columns. Only name is required. If any line is wrong, nobody is added.
identity-import-file = File
identity-import-do = Import and invite
identity-import-unreadable = This could not be read as CSV. Check that it is UTF-8 and that its first line has a column “name”.
identity-import-too-long = At most 2,000 lines at once. Split the file.
identity-import-lines = Lines to mend
identity-import-line = Line
identity-import-column = Column
identity-import-wrong = What to do
identity-import-do-no-mail = Import
identity-imported-no-mail = Imported. No mail goes out from here: make a one-time link on each person’s page and hand it over.
identity-imported = Imported. The invitations are on their way.

# One person
identity-tab-overview = Overview
identity-tab-rights = Rights
identity-tab-history = History
identity-tab-settings = Settings
identity-personal = Contact
identity-reveal = Show
identity-reveal-reason-label = Why you need to see it
identity-reveal-reason = Give a reason of at least 3 characters.
identity-reveal-hint = This is recorded with your reason. { $count ->
    [one] One more
   *[other] { $count } more
    } before you must confirm again that it is you.
identity-reveal-step-up = You have seen much personal data. To go on, confirm that it is you.
identity-revealed-note = This was recorded. It is hidden again when you leave the page.
identity-is-locked = This account is locked after too many wrong tries.
identity-not-accepted = The invitation has not been accepted yet.
identity-left-until = Has left. What is on file will be deleted on { $when }.
identity-return = Take back
identity-returned = Access is back. Give groups and badges anew as needed.
identity-link = One-time link
identity-link-question = With this link { $name } sets a password, once and within 24 hours. Whoever has the link can sign in as { $name }: hand it over in person or by a way you trust. Older invitations stop working.
identity-link-do = Make the link
identity-link-lost-app = The phone with the authenticator app is lost
identity-link-lost-app-hint = The app and the recovery codes stop working at once. They are set up anew with the link.
identity-link-keep = This link for { $name } is shown only now. It works once, until { $when }. Hand it over in person or by a way you trust.
identity-link-no-mail = This person has no mail address to sign in with. Enter one first.
identity-badges = Badges
identity-badges-none = No badges
identity-badge-serial = Serial
identity-badge-label = Label
identity-badge-add = Add badge
identity-badge-remove = Remove
identity-badge-remove-do = Remove
identity-badge-remove-question = This badge stops working at once.
identity-badge-unreadable = Enter 4 to 32 hexadecimal digits.
identity-badge-taken = This badge belongs to somebody already.
identity-unchanged = Now: { $now } (leave empty to keep it)
identity-end-access = Sign out everywhere
identity-end-access-question = All devices of { $name } are signed out and their API tokens end. The password stays.
identity-end-access-do = End all
identity-access-ended = All devices are signed out and all tokens ended.
identity-leave = Leaves
identity-leave-question = { $name } loses access at once: devices, tokens, badges, PIN and groups. What is on file is deleted later; until then this can be undone.
identity-leave-do = End access
identity-leave-oneself = You cannot remove yourself. Ask another administrator.
identity-left = Access has ended.
identity-left-no-settings = Nothing can be changed after somebody has left.
identity-right-thing = What
identity-right-now = Now
identity-right-yes = Yes
identity-right-later = Later
identity-rights-none = No rights
identity-rights-none-text = Give a right, and what it reaches shows here.
identity-rights-open = Open rights
identity-is-administrator = Is an administrator and can manage everything.

# Groups
identity-group-name = Name
identity-group-note = What it is for
identity-group-name-taken = There is a group of this name.
identity-group-members = Members
identity-group-new = New group
identity-group-make = Make group
identity-group-put-in = Put in
identity-group-take-out = Take out
identity-group-dissolve = Dissolve group
identity-group-dissolve-question = “{ $name }” goes. Rights given to it will reach nobody.
identity-group-dissolve-do = Dissolve
identity-group-dissolved = The group is dissolved.
identity-group-not-empty = People are still in it. Take them out first.
identity-groups-none = No groups yet
identity-groups-none-text = Group people by department or role, and give rights to all at once.
identity-groups-in-none = In no group
identity-members-none = Nobody in it yet
identity-members-none-text = Put people in from their own page.

# Settings
identity-settings = Security settings
identity-two-step-all = Two-step sign-in for everybody
identity-two-step-all-hint = Recommended. Without it a password alone signs in.
identity-networks = Networks for administration
identity-networks-hint = One address or range a line; empty means anywhere. You are at { $here }.
identity-networks-unreadable = Enter one address or range (such as 203.0.113.0/24) a line.
identity-networks-lock-out = Your own address is not among them. You would lock yourself out.
identity-error-network = Administration is not open from this address. Try again from an allowed place.
identity-reveal-limit = Reveals in a row
identity-reveal-limit-hint = After that, people confirm again who they are.
identity-reveal-limit-bad = Between 1 and 1000.
identity-keep-leavers = Days until leavers are deleted
identity-keep-leavers-hint = Until then it can be undone.
identity-keep-leavers-bad = Between 1 and 366 days.
identity-host-taken = Another tenant answers under this host name.

# Acts on the record
