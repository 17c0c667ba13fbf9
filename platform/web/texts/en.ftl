product = Sekisho
error-title = This page cannot be shown
error-title-missing = Not found
error-title-denied = No right to this
error-title-busy = Very busy right now
error-title-broken = Something went wrong
error-home = Go to the first page
error-number = If you ask for help, please give this number<br><code>{ $number }</code>
error-missing = We could not find what you are looking for. Please check the address.
error-unauthenticated = Please sign in.
error-denied = You do not have the right to do this. If you need it, ask an administrator.
error-refused = This cannot be done right now.
error-invalid = Please check what you entered.
error-unknown-member = The body has members that this operation does not know; “unknown” names them.
error-field = Please check this field.
error-unproven = To be safe, confirm first that it is you, then try again.
error-empty = Please fill this in.
error-too-long = This is too long, or has characters that cannot be used.
error-conflict = Somebody else changed this first. Reload the page and try again.
error-busy = Too many requests at once. Please wait a moment and try again.
error-broken = Sorry, something went wrong on our side. Please try again in a moment.
error-cross-site = For your safety, actions from other sites are not accepted. Please try again from this page.
error-scope = The scopes of this token do not allow this.
error-method = This address does not accept that action.
error-too-large = What was sent is too large.
error-timeout = This took too long. Please try again.
error-media-type = Data of this kind is not accepted.
error-cursor = The position in the list is not valid. Please start from the beginning.
error-if-match = The If-Match header is required.
time-today = today { $clock }
time-just-now = just now
time-soon = in a moment
time-minutes-ago = { $count ->
    [one] 1 minute ago
   *[other] { $count } minutes ago
 }
time-in-minutes = { $count ->
    [one] in 1 minute
   *[other] in { $count } minutes
 }
time-hours-ago = { $count ->
    [one] 1 hour ago
   *[other] { $count } hours ago
 }
time-in-hours = { $count ->
    [one] in 1 hour
   *[other] in { $count } hours
 }
time-days-ago = { $count ->
    [one] 1 day ago
   *[other] { $count } days ago
 }
time-in-days = { $count ->
    [one] in 1 day
   *[other] in { $count } days
 }
pager-next = Next
pager-first = Back to the start

# words for every module
save = Save
cancel = Cancel
delete = Delete
edit = Edit
add = Add
search = Search
back = Back
close = Close
all = All
yes = Yes
no = No
none = None
optional = optional
undo = Undo
name = Name
note = Note
state = State
when = When
who = Who
reason = Reason
active = Active
inactive = Inactive
csv = CSV
details = Details
tab-overview = Overview
tab-rights = Rights
tab-history = History
tab-settings = Settings

# the frame
shell-skip = Skip to content
shell-rail = Main menu
shell-search = Search people, keys, doors …
shell-account = Account
shell-me = My page
shell-security = Sign-in and security
shell-look = Appearance
shell-language = Language
shell-sign-out = Sign out
shell-sign-in = Sign in
shell-more = More
shell-crumbs = Where you are
theme-system = As the device says
theme-light = Light
theme-dark = Dark
offline-title = No connection
offline-text = You seem to be offline. Check the connection and try again.
offline-again = Try again
offline-kept = These pages were kept on this device and can still be read, as of the time they show.
gallery-title = Parts
push-on = Receive notifications on this device
push-off = Stop notifications on this device
push-refused = Your browser blocks notifications. Allow them in the settings at the left of the address.
error-idempotency-key = An Idempotency-Key has 1 to 255 characters.
error-idempotency-reused = This Idempotency-Key was already used for a different request.
error-idempotency-lost = The first request with this Idempotency-Key was carried out, but its answer was lost when the server stopped. “done” says what was done. Go on from there with a new key.
error-idempotency-running = The first request with this Idempotency-Key is still running. Check again in a moment.
