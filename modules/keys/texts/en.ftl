# the rail and headings
keys-nav = Keys
keys-title = Keys
keys-key = Key
keys-keys = Keys
keys-box = Box
keys-boxes = Boxes
keys-bin = Bin
keys-bins = Bins
keys-group = Key group
keys-groups = Key groups
keys-people = Who holds what
keys-bookings = Bookings
keys-reports = Reports
keys-alerts = Alerts
keys-inventory = Inventory
keys-search = Search keys, people, boxes
keys-where = Where, or with whom
keys-since = Since
keys-due = Due
keys-holder = Holder
keys-held = Keys held
keys-fob = Fob serial
keys-fob-hint = The serial of the fob on the key. The box knows the key by it.
keys-saved = Saved.
keys-choose = Please choose
keys-zone-hint = Times are those of the clock at the box ({ $zone }).

# first hour
keys-first-title = Add your first box
keys-first-text = Once there is a box you can hang keys in it and say who may take them, and when.
keys-first-note = You can do this before the hardware arrives, and connect it later.

# overview
keys-tile-in = In the boxes
keys-tile-out = Out
keys-tile-late = Late
keys-tile-wrong = To look into
keys-tile-silent = Silent boxes
keys-none-found = No keys found
keys-none-found-text = Try other filters. If you have no keys at all, ask an administrator for the right to use one.
keys-in-box-bin = { $box }, bin { $bin }
keys-nobody-knows = Nobody knows where
keys-holder-unknown = Unknown
keys-with-somebody = With somebody
keys-box-line = { $here } keys here, { $out } out, { $bins } bins
keys-state-in = In
keys-state-released = Being taken
keys-state-out = Out
keys-state-due-soon = Due soon
keys-state-late = Late
keys-state-forced = Removed by force
keys-state-wrong-bin = Wrong bin
keys-state-missing = Missing

# boxes
keys-add-box = Add a box
keys-box-added = The box was added. Now add its keys.
keys-box-example = e.g. Head office, reception
keys-site = Site
keys-no-site = (no site)
keys-site-hint = Times and schedules follow the clock of the site.
keys-directions = How to find it
keys-directions-hint = e.g. on the left wall behind the main entrance
keys-bins-count = Number of bins
keys-columns = Bins side by side
keys-return-policy = Where to put keys back
keys-return-fixed-bin = Their own bin
keys-return-any-bin = Any bin of the same box
keys-return-any-site = Any box
keys-return-as-box = As the box says
keys-clock = Clock at the box
keys-last-seen = Last heard
keys-box-online = Online
keys-box-flaky = Unstable
keys-box-silent = Silent
keys-box-silent-since = Silent since { $since }
keys-box-waiting = Waiting to be enrolled
keys-box-revoked = Shut out
keys-box-unconnected = No device
keys-box-empty = No keys here yet
keys-box-empty-text = Keys you add appear here.
keys-cabinet-hint = Choose a key to see more.
keys-cabinet-hint-manager = Choose a bin to see what hangs there, or to open it from here.
keys-device = Device
keys-no-device = (none)
keys-device-hint = Choose a SmartBox enrolled under Devices.
keys-device-connect = Connect
keys-box-retire = Take the box down
keys-box-retire-question = The box leaves the lists; its history stays. It must be empty.
keys-box-retire-do = Take it down
keys-box-retired = The box was taken down.
keys-master = Master lock
keys-master-text = Opens the whole box. Every key can be reached then, so we ask for a reason and for proof that it is you.
keys-unlock = Open the master lock
keys-unlock-question = This unlocks the whole door of { $box }. The managers are told, and it is recorded.
keys-unlock-do = Unlock
keys-unlocking = Unlocking. Please open the door within 10 seconds.
keys-openings = Remote openings
keys-opened = Opened
keys-no-openings = Nothing was opened from afar
keys-no-openings-text = Bins and master locks opened from afar are listed here.
keys-opening-sent = Sent
keys-opening-opened = Opened
keys-opening-expired = Timed out
keys-opening-failed = Failed

# bins
keys-bin-title = Bin { $bin }
keys-bin-free = Free
keys-bin-inside = In this bin
keys-bin-holds = Holds
keys-bin-home-of = Home of
keys-bin-door = Door
keys-bin-sees = Fob it sees
keys-door-unknown = Unknown
keys-door-closed = Closed
keys-door-open = Open
keys-bin-open = Open from here
keys-bin-open-text = First the lamp is lit, so that whoever stands there can say “this one”. Then it is opened.
keys-bin-light = Light the lamp
keys-bin-lit = The lamp of bin { $bin } is lit. Open it once you know it is the right one.
keys-bin-open-do = Open the bin
keys-bin-opening = Opening. Please pull the bin within 10 seconds.
keys-bin-use = Use of this bin
keys-bin-disable = Take out of use
keys-bin-disable-question = Nobody can take from or return to this bin then.
keys-bin-disable-do = Take out of use
keys-bin-disabled-because = Out of use: { $reason }
keys-bin-enable = Put back into use
keys-bin-was-disabled = The bin is out of use.
keys-bin-was-enabled = The bin is in use again.
keys-add-key-here = Add a key here
keys-bin-says-full = Bin { $bin }: { $key } is here
keys-bin-says-out = Bin { $bin }: { $key } is out with { $holder }
keys-bin-says-late = Bin { $bin }: { $key } is late, with { $holder }
keys-bin-says-missing = Bin { $bin }: { $key } is missing
keys-bin-says-elsewhere = Bin { $bin }: { $key } hangs elsewhere
keys-bin-says-released = Bin { $bin }: { $key } is being taken
keys-bin-says-wrong = Bin { $bin }: { $key } hangs here by mistake
keys-bin-says-free = Bin { $bin }: free
keys-bin-says-disabled = Bin { $bin }: out of use ({ $reason })

# keys
keys-add-key = Add a key
keys-key-added = The key was added.
keys-key-example = e.g. Van 3
keys-description = Description
keys-pickup-note = Note for whoever takes it
keys-pickup-note-hint = Told only to whoever took the key, e.g. where the van is parked.
keys-place = Place
keys-home = Belongs to
keys-home-box = Home box
keys-home-bin = Home bin
keys-no-box = (no box)
keys-hangs-there = It hangs in this bin already
keys-due-rule = When is it due?
keys-due-never = Never
keys-due-after = Some time after it was taken
keys-due-at = At a time of day
keys-due-minutes = Minutes
keys-due-time = Time
keys-due-days = Days later (0 is the same day)
keys-take = Take the key
keys-take-here = I am at the box: open
keys-take-question = This opens bin { $bin } of { $box }. Only press when you stand in front of it, and pull within 10 seconds.
keys-take-do = Open
keys-take-now = The bin is opening. Please take the key within 10 seconds.
keys-lend = Lend
keys-lend-to = To
keys-lend-until = Until
keys-lend-how = How
keys-lend-grant = They may take it from the box themselves
keys-lend-loan = I handed it over; write it down as a loan
keys-lend-do = Lend
keys-lent = Lent. They are being told.
keys-lent-by-hand = Written down as a loan.
keys-return = Write down a return
keys-return-text = For a key put back by hand. What is returned to a box is written down by itself.
keys-return-bin = Put into
keys-return-do = It is back
keys-returned = Written down as returned.
keys-hand-over = Hand over
keys-hand-over-text = Pass the key on without the box. The receiver gets a code; you type it in.
keys-hand-over-to = To
keys-hand-over-do = Send the code
keys-hand-over-code = The receiver's code
keys-hand-over-ask = A code of six digits was sent to the receiver. Ask for it and type it here.
keys-hand-over-confirm = Hand it over
keys-handed-over = Handed over.
keys-fault = Report a fault
keys-fault-what = What is wrong?
keys-fault-do = Report
keys-fault-reported = Thank you. The managers are being told.
keys-keycode = Keycode
keys-keycodes = Keycodes
keys-keycode-text = Typed at the box it tells whether the key is there, and gives it out once. It is good until the key is taken.
keys-keycode-given-to = Given to
keys-keycode-wish = Code of your choice (4–16 digits)
keys-keycode-make = Make a keycode
keys-keycode-made = The keycode was made.
keys-keycode-cancel = Cancel it
keys-keycode-cancel-question = The code stops working at once.
keys-keycode-cancel-do = Cancel it
keys-keycode-cancelled = The keycode was cancelled.
keys-withdraw = Give the key up
keys-withdraw-text = For a key that was lost or replaced. Its history stays.
keys-withdraw-question = All rights, bookings and keycodes of { $key } end. This cannot be undone.
keys-withdraw-do = Give it up
keys-withdrawn = The key was given up.

# rights and history
keys-who-can = Who can use this key
keys-right = Right
keys-right-view = See
keys-right-exchange = Use
keys-right-manage = Manage
keys-right-when = Now
keys-right-now = Yes
keys-right-later = Not at this hour, or with conditions
keys-no-rights = Nobody can use this key
keys-no-rights-text = Give the right to a person or a group.
keys-give-right = Give a right
keys-why = Why?
keys-no-history = No loans yet
keys-no-history-text = When a key is taken it is listed here.
keys-loan-released = { $who } is taking it
keys-loan-out = { $who } has it
keys-loan-returned = { $who } had it and brought it back
keys-loan-not-taken = { $who } did not take it
keys-loan-handed-over = { $who } had it and handed it over
keys-loan-lost = { $who } had it; the loan ended without a return
keys-loan-state-released = Being taken
keys-loan-state-out = Out
keys-loan-state-returned = Returned
keys-loan-state-not-taken = Not taken
keys-loan-state-handed-over = Handed over
keys-loan-state-lost = Never returned
keys-way = Way
keys-way-id-number = ID number and one-time code
keys-way-badge = Badge
keys-way-booking-code = Booking code
keys-way-booking-link = Booking page
keys-way-keycode = Keycode
keys-way-web = Web
keys-way-registered = Written down by a manager
keys-way-hand-over = Hand-over
keys-way-manager-opening = Opened by a manager
keys-way-force = By force
keys-taken-at = Taken
keys-ended-at = Ended
keys-was-late = Late
keys-report-loans = Who held what
keys-report-overdue = Late now
keys-report-idle = Unused keys
keys-idle-days = Days
keys-last-moved = Last moved
keys-none-idle = No unused keys
keys-none-idle-text = Every key was used in this time.
keys-from = From
keys-until = Until
keys-nobody-holds = Nobody holds a key
keys-nobody-holds-text = Every key hangs in its box.

# groups
keys-groups-text = A right given on a group reaches every key in it.
keys-no-groups = No key groups yet
keys-no-groups-text = Group keys, such as all vans, to give rights on them together.
keys-group-example = e.g. Vans
keys-group-add = Make a key group
keys-group-added = The group was made.
keys-group-put = Add to the group
keys-group-take = Take out
keys-group-remove-question = The group and rights on it end. The keys stay.
keys-group-remove-do = Remove the group
keys-group-removed = The group was removed.

# bookings
keys-book = Book
keys-book-do = Book
keys-booked = Booked.
keys-book-whom = For whom?
keys-book-me = Me
keys-book-person = A colleague
keys-book-guest = A guest
keys-guest-name = Name
keys-guest-mail = Mail address
keys-guest-language = Language
keys-starts = From
keys-ends = Until
keys-bookings-coming = Coming bookings
keys-no-bookings = No bookings
keys-no-bookings-text = A booking keeps the key for you at that time.
keys-week-before = Week before
keys-week-this = This week
keys-week-after = Week after
keys-booking-booked = Booked
keys-booking-cancelled = Cancelled
keys-booking-over = Over
keys-booking-code = Booking code
keys-booking-address = Personal page
keys-booking-open = Open the page
keys-booking-of = { $who }: { $keys }
keys-booking-cancel = Cancel the booking
keys-booking-cancel-question = The code stops working at once, and whoever it is for is told.
keys-booking-cancel-question-paid = The code stops working at once, and whoever it is for is told. What was paid is refunded in full.
keys-booking-cancel-question-begun = The code stops working at once, and whoever it is for is told. The time has begun, so what was paid is not refunded by itself.
keys-booking-cancel-do = Cancel the booking
keys-booking-was-cancelled = The booking was cancelled.
keys-guest-title = Your key
keys-guest-when = When
keys-guest-early = It is not time yet. You can take the key once your time begins.
keys-guest-over = Your time is over. If you still have the key, you can put it back at any time.
keys-guest-called-off = This booking was called off. If you still have the key, you can put it back at any time.
keys-guest-code-text = Type this code at the box.
keys-guest-yours = You have this key.
keys-guest-return = You can put it back at any time: press “Return” at the box, put the key into the bin that opens and close it.
keys-guest-not-there = The key is not in the box right now. Please ask whoever booked it for you.

# my page and today
keys-me-held = My keys
keys-me-none = You hold no keys.
keys-me-booked = Booked: { $keys }
keys-today-silent = { $box } does not answer
keys-today-wrong = Keys and boxes to look into

# inventory
keys-what = What
keys-incidents = To look into
keys-all-well = All is well
keys-all-well-text = Faults and differences appear here.
keys-astray = Keys astray
keys-differences = Where book and box differ
keys-by-book = By the book
keys-by-box = The box sees
keys-unknown-fob = Unknown fob { $fob }
keys-mend = Mend
keys-mend-seen-to = Seen to
keys-mend-missing = It is not there
keys-mend-found = Found
keys-mend-found-in = Found in
keys-mend-found-here = Yes, it is here
keys-mend-new-home = Make this its home
keys-mend-new-fob = This is its new fob
keys-mended = The book is right again.
keys-incident-fault = { $key }: a fault was reported
keys-incident-removed-by-force = { $key } was removed by force ({ $box }, bin { $bin })
keys-incident-missing = { $key } is missing
keys-incident-wrong-bin = { $key } hangs in the wrong bin ({ $box }, bin { $bin })
keys-incident-swapped = { $key } turned up in other hands
keys-incident-bin-forced = Bin { $bin } of { $box } was forced
keys-incident-bin-left-open = Bin { $bin } of { $box } stands open
keys-incident-unknown-fob = An unknown fob hangs in bin { $bin } of { $box }
keys-incident-tampered = Somebody tampered with { $box }
keys-incident-power-lost = { $box } lost power
keys-incident-battery-low = The battery of { $box } is low

# alerts
keys-alert-add = Make an alert
keys-alert-change = Change the alert
keys-alert-example = e.g. Vans that are late
keys-alert-events = Tell of
keys-alert-late-by = For lateness: only after so many minutes
keys-alert-only = Only for (nothing chosen means all)
keys-alert-tells = Tell
keys-alert-people = Colleagues
keys-alert-outsiders = Mail addresses and telephone numbers
keys-alert-outsiders-hint = One a line.
keys-alert-active = In force
keys-alert-remove-question = This alert will not be sent any more.
keys-alert-remove-do = Remove it
keys-alert-removed = The alert was removed.
keys-no-alerts = No alerts yet
keys-no-alerts-text = Have people told when keys are late or removed by force.
keys-event-taken = A key is taken
keys-event-returned = A key is returned
keys-event-due-soon = A key is due soon
keys-event-overdue = A key is late
keys-event-removed-by-force = A key is removed by force or missing
keys-event-wrong-bin = A key hangs in the wrong bin
keys-event-fault-reported = A fault is reported
keys-event-bin-opened = A bin is opened from afar
keys-event-master-unlocked = A master lock is opened
keys-event-booked = A booking is made
keys-event-tampered = Somebody tampers with a box
keys-event-power-lost = A box loses power
keys-event-went-offline = A box falls silent

# refusals
keys-refused-no-right = You do not have the right to do this. If you need it, ask an administrator.
keys-refused-outside-hours = This is outside your hours. Keys can be returned at any time.
keys-refused-not-yet = Your right has not begun yet.
keys-refused-expired = Your right has ended.
keys-refused-step-up = Please prove again that it is you, then continue.
keys-refused-second-person = This takes a second person.
keys-refused-already-out = Somebody has this key already.
keys-refused-being-taken = Somebody else is taking this key at this moment.
keys-refused-not-there = This key is not in a box.
keys-refused-other-box = This key hangs in another box.
keys-refused-bin-disabled = This bin is out of use.
keys-refused-bin-taken = By the book another key hangs in that bin.
keys-refused-no-device = No device is connected to this box.
keys-refused-booked = Somebody else has booked this key for now.
keys-refused-booked-then = The key is booked at that time.
keys-refused-booking-ended = This booking is over or was cancelled already.
keys-refused-booking-in-use = A key of this booking was taken already.
keys-refused-not-in-force = This booking or code is not in force.
keys-refused-box-full = Every bin of this box is taken.
keys-refused-box-not-empty = There are still keys in this box. Move them first.
keys-refused-no-fob = The box sees no fob there.
keys-refused-not-holder = You do not hold this key.
keys-refused-receiver = The receiver cannot have this key now. Check the ID number and their rights.
keys-refused-to-oneself = You cannot hand a key over to yourself.
keys-refused-receiver-no-way = No code can be sent to this person from here. Put the key back, and let them take it out themselves.
keys-refused-wrong-code = The code is wrong.
keys-refused-code-spent = This code is not good any more. Please begin again.

# what is wrong with a form
keys-error-reason = Please give a reason.
keys-error-past = Please give a time that is yet to come.
keys-error-time = This is no date and time.
keys-error-backwards = The end must come after the beginning.
keys-error-period-too-long = A booking lasts a year at most.
keys-error-choose-key = Please choose keys, 20 at most.
keys-error-choose-person = Please choose somebody.
keys-error-zones-differ = Keys in different time zones need bookings of their own.
keys-error-mail = This is no mail address.
keys-error-address = Please give mail addresses or telephone numbers.
keys-error-choose-event = Please choose what to tell of.
keys-error-choose-recipient = Please choose whom to tell.
keys-error-too-many-recipients = 20 recipients at most.
keys-error-bins = A box has 1 to 200 bins.
keys-error-bins-in-use = Bins that are in use cannot be taken away.
keys-error-columns = 1 to 20 bins side by side.
keys-error-device-taken = Another box is connected to this device.
keys-error-no-such-bin = There is no such bin.
keys-error-bin-taken = Another key hangs in that bin.
keys-error-fob = A fob serial has letters, digits and hyphens, 64 at most.
keys-error-fob-taken = Another key hangs on this fob.
keys-error-due = This is no time of day.
keys-error-code = A code has 4 to 16 digits.
keys-error-code-taken = This code is in use. Please choose another.

# the screen of a box
keys-panel-not-set-up = This box is not set up yet. Please tell an administrator.
keys-panel-not-understood = Please try again.
keys-panel-session-over = Your time at this box is over. Please begin again.
keys-panel-unknown-badge = This badge is not known.
keys-panel-wrong-code = The code is wrong.
keys-panel-not-yet = Your booking has not begun yet.
keys-panel-locked = Too many wrong codes. Please ask an administrator.
keys-panel-no-code = No code could be sent. Please ask an administrator.
keys-panel-no-way = No codes are sent from here. Ask an administrator for a PIN or a one-time link.
keys-panel-same-person = The second person must be somebody else, with their own number or badge.
keys-panel-later = Too many wrong codes. Please wait a while. Keys can still be returned.

# links of notices
keys-notice-open-key = Open the key
keys-notice-open-box = Open the box
keys-notice-open-booking = Open your page

# notices
keys-notice-taken-subject = { $thing } was taken
keys-notice-taken-body = { $holder } took “{ $thing }” at { $at }.
keys-notice-taken-short = { $thing } was taken
keys-notice-you-took-subject = You took { $thing }
keys-notice-you-took-body =
    You took “{ $thing }” at { $at }.

    { $detail }

    If this was not you, please tell an administrator at once.
keys-notice-you-took-short = You took { $thing }
keys-notice-returned-subject = { $thing } is back
keys-notice-returned-body = “{ $thing }” came back at { $at } ({ $holder }).
keys-notice-returned-short = { $thing } is back
keys-notice-you-returned-subject = You returned { $thing }
keys-notice-you-returned-body = “{ $thing }” came back at { $at }. Thank you.
keys-notice-you-returned-short = You returned { $thing }
keys-notice-due-soon-subject = { $thing } is due soon
keys-notice-due-soon-body = “{ $thing }” ({ $holder }) is due at { $at }.
keys-notice-due-soon-short = { $thing } is due soon
keys-notice-you-due-soon-subject = { $thing } is due soon
keys-notice-you-due-soon-body = “{ $thing }” is due at { $at }. Please put it back by then.
keys-notice-you-due-soon-short = { $thing } is due soon
keys-notice-overdue-subject = { $thing } is late
keys-notice-overdue-body = “{ $thing }” ({ $holder }) was due at { $at } and is { $minutes } minutes late.
keys-notice-overdue-short = { $thing } is late
keys-notice-you-overdue-subject = { $thing } is late
keys-notice-you-overdue-body = “{ $thing }” was due at { $at }. Please put it back as soon as you can; you can do so at any time.
keys-notice-you-overdue-short = { $thing } is late
keys-notice-removed-by-force-subject = Warning: { $thing } was removed by force
keys-notice-removed-by-force-body = “{ $thing }” left its bin at { $at } though nobody was allowed to take it. Please have somebody look.
keys-notice-removed-by-force-short = Warning: { $thing } was removed by force
keys-notice-missing-subject = { $thing } is missing
keys-notice-missing-body = “{ $thing }” is neither in a box nor on loan ({ $at }). Please check the inventory.
keys-notice-missing-short = { $thing } is missing
keys-notice-wrong-bin-subject = { $thing } hangs in the wrong bin
keys-notice-wrong-bin-body = “{ $thing }” hangs in bin { $number } ({ $at }).
keys-notice-wrong-bin-short = { $thing } hangs in the wrong bin
keys-notice-fault-subject = A fault of { $thing } was reported
keys-notice-fault-body = { $holder } reported a fault of “{ $thing }” at { $at }.
keys-notice-fault-short = A fault of { $thing } was reported
keys-notice-bin-opened-subject = Bin { $number } of { $thing } was opened from afar
keys-notice-bin-opened-body = { $holder } opened bin { $number } of { $thing } from afar at { $at }.
keys-notice-bin-opened-short = Bin { $number } of { $thing } was opened from afar
keys-notice-master-subject = The master lock of { $thing } was opened
keys-notice-master-body =
    { $holder } opened the master lock of { $thing } at { $at }.

    Reason: { $detail }
keys-notice-master-short = The master lock of { $thing } was opened
keys-notice-trouble-subject = Please look at { $thing }
keys-notice-trouble-body = { $thing } noticed something at { $at }. The inventory page says what.
keys-notice-trouble-short = Please look at { $thing }
keys-notice-power-subject = Please check the power of { $thing }
keys-notice-power-body = { $thing } lost power or its battery is low ({ $at }).
keys-notice-power-short = Please check the power of { $thing }
keys-notice-offline-subject = { $thing } does not answer
keys-notice-offline-body = { $thing } was last heard at { $at }.
keys-notice-offline-short = { $thing } does not answer
keys-notice-was-booked-subject = { $thing } was booked
keys-notice-was-booked-body = “{ $thing }” was booked from { $at } ({ $holder }).
keys-notice-was-booked-short = { $thing } was booked
keys-notice-lent-subject = You may use { $key }
keys-notice-lent-body = You were given the right to take “{ $key }”. Identify yourself at the box.
keys-notice-lent-short = You may use { $key }
keys-notice-lent-until-subject = You may use { $key }
keys-notice-lent-until-body = You may take “{ $key }” until { $until }. Identify yourself at the box.
keys-notice-lent-until-short = You may use { $key }
keys-notice-hand-over-subject = Code to receive { $key }
keys-notice-hand-over-body =
    If you are receiving “{ $key }”, tell this code to whoever gives it to you:

    { $code }

    If you are not, tell it to nobody.
keys-notice-hand-over-short = Code to receive { $key }: { $code }
keys-notice-booked-subject = { $keys } is booked for you
keys-notice-booked-body =
    “{ $keys }” is booked for you from { $starts } until { $ends }.

    Booking code: { $code }
keys-notice-booked-short = { $keys } is booked for you
keys-notice-booked-guest-subject = Your key
keys-notice-booked-guest-body =
    You can take “{ $keys }” from { $starts } until { $ends }.

    Type this code at the box:

    { $code }

    You can also use the page below.
keys-notice-booked-guest-short = Your key
keys-notice-booking-cancelled-subject = Your booking was cancelled
keys-notice-booking-cancelled-body = Your booking of “{ $keys }” from { $starts } was cancelled.
keys-notice-booking-cancelled-short = Your booking was cancelled

keys-today-out = { $count ->
    [one] One key is out
   *[other] { $count } keys are out
 }
keys-here = Took a key today
keys-here-count = { $site }: { $count ->
    [one] 1 person
   *[other] { $count } people
 }
keys-here-note = People who took a key at this site today and still have it. This is no record of who came in, so others may be here, too.
keys-kind-mine = Keys I hold: taken, returned, due
keys-kind-watched = Trouble with keys and boxes I manage
keys-kind-rights = Keys I may now use
keys-set-about = Where keys are, lending, the settings of each key
keys-set-box-about = Add a new box and connect its device.
keys-set-groups-about = Put keys together and give rights on all of them at once.
keys-set-alerts-about = Which event is told to whom, and how
keys-set-inventory-about = Compare the book with what hangs there, and mend it.
keys-set-reports-about = Who had which key, what is late, which keys nobody uses
keys-group-count = { $count ->
    [one] 1 key
   *[other] { $count } keys
 }
keys-lend-hint = Pick a key, then a person, who may take it from then on. Or drag the key's tag from the picture onto a name.
keys-lend-which = Which key
keys-lend-whom = To whom
keys-lend-find = Find by name
keys-lend-choose = Please pick a key and a person.
keys-me-take = Take { $key }
keys-me-may-take = Ready for you to take
keys-me-at = At

# The camera
keys-camera = Camera
keys-camera-on = Take a picture when something happens
keys-camera-hint = One picture when a door opens, is forced, or wrong codes are typed in a row. The box seals each picture; only those who manage this box can see it. The panel tells people that pictures are taken.
keys-picture-days = Days a picture is kept
keys-picture-days-hint = 1 to 366. Older pictures are deleted by themselves. Fewer days also count for pictures taken already.
keys-error-picture-days = Enter 1 to 366 days.
keys-picture = Picture
keys-pictures = Pictures
keys-no-pictures = No pictures
keys-no-pictures-text = With the camera on, pictures of opened doors are listed here.
keys-picture-what = What happened
keys-picture-until = Deleted
keys-picture-bin-opened = Bin { $bin } opened
keys-picture-bin-forced = Bin { $bin } was forced open
keys-picture-door-opened = The main door opened
keys-picture-door-forced = The main door opened without permission
keys-picture-tampered = The case was tampered with
keys-picture-codes-refused = Wrong codes were typed in a row
keys-picture-alt = Picture taken by the camera of { $box }
keys-picture-recorded = That you looked at this picture is on the record.
keys-picture-looks = Who has looked
keys-picture-no-looks = Nobody has looked yet
keys-picture-no-looks-text = Who looked at the picture, and when, is listed here.
keys-picture-prove-again = You have looked at as many pictures as one proof allows. Prove once more who you are.
keys-picture-prove = Prove who you are
keys-picture-unreadable = This picture does not open. It was changed, or another box sealed it.
keys-picture-delete = Delete the picture
keys-picture-delete-question = Delete this picture now? It cannot be undone. That it was deleted, and why, stays on the record.
keys-picture-delete-do = Delete
keys-picture-deleted = The picture was deleted.

keys-payments = Payments
keys-set-payments-about = The payment provider for bookings that cost something
keys-payments-about = Bookings that cost something are paid at the page of a payment provider, such as Stripe. No card number is ever typed or kept here.
keys-payment-secret = Secret key
keys-payment-secret-hint = Made in the provider’s dashboard; at Stripe it begins with sk_ or rk_.
keys-payment-webhook-secret = Webhook signing secret
keys-payment-webhook-secret-hint = By it we know that word of a payment is genuine; at Stripe it begins with whsec_.
keys-payment-currency = Currency
keys-payment-provider = Address of the provider’s API
keys-payment-provider-hint = Empty means Stripe.
keys-payment-tells = To set at the provider
keys-payment-hook = Webhook endpoint
keys-payment-hook-events = Events to send
keys-payment-remove-question = Remove the payment provider? No booking can be priced from then on, and what was paid is refunded in the provider’s dashboard.
keys-payment-remove-do = Remove it
keys-payment-saved-unanswered = Saved, but the payment provider could not be reached to check the account. Check the address, and save again in a while.
keys-payment-removed = The payment provider was removed.
keys-secret-kept = Set (type only to change it)
keys-currency-jpy = Japanese yen
keys-currency-usd = US dollar
keys-currency-eur = Euro
keys-price = Price
keys-price-in = Price ({ $currency })
keys-price-hint = With a price the booking is not in force before it is paid, and called off when nobody pays within 24 hours.
keys-pay-until = To be paid by
keys-payment-awaited = not paid yet
keys-payment-paid = paid
keys-payment-refund_due = being refunded
keys-payment-refunded = refunded
keys-payment-refund_failed = refund failed
keys-payment-lapsed = never paid
keys-booking-unpaid = Not paid yet
keys-pay-title = Payment
keys-pay = Pay
keys-pay-there = Open the payment page
keys-pay-about = You pay at the page of our payment provider. As soon as you have paid, your booking code is shown here.
keys-pay-under-way = Your payment is on its way. As soon as it has arrived, your booking code is shown here.
keys-pay-no-account = You cannot pay online at present. Please ask whoever booked it for you.
keys-pay-away = The payment provider does not answer. Please try again in a while.
keys-error-price = Type the price in figures, such as 3,000 or 12.50.
keys-error-price-own = A booking for yourself costs nothing. Leave the price empty.
keys-error-price-account = There is no payment provider, so nothing can be priced. Ask an administrator to set one.
keys-error-price-most = A booking costs 10,000,000 at most.
keys-error-provider = Type a public https address.
keys-error-currency = Choose jpy, usd or eur.
keys-error-secret-again = Another provider needs secrets of its own. Type those it gave you.
keys-error-secret-refused = The provider does not accept this key. Check it in the provider’s dashboard.
keys-error-secret = Paste it as the provider shows it.
keys-notice-pay-subject = Please pay for { $keys }
keys-notice-pay-body =
    “{ $keys }” is kept for you. It costs { $price }.

    Please pay by { $until } at the page below. You get your booking code as soon as you have paid. After that time the booking is called off.
keys-notice-pay-short = { $keys }: please pay { $price }
keys-notice-booking-unpaid-subject = Your booking was called off: it was not paid
keys-notice-booking-unpaid-body = Your booking of “{ $keys }” from { $starts } was called off, because it was not paid in time.
keys-notice-booking-unpaid-short = Your booking was called off: it was not paid
keys-notice-refund-failed-subject = A refund failed
keys-notice-refund-failed-body = What was paid for the cancelled booking of “{ $keys }” could not be refunded by itself. Please refund it in the provider’s dashboard.
keys-notice-refund-failed-short = A refund failed; please refund it in the provider’s dashboard
keys-notice-paid-back-subject = Your payment comes back to you
keys-notice-paid-back-body = Your payment for “{ $keys }” from { $starts } has arrived, but the booking was cancelled, is over, or had been paid before. This payment is refunded in full.
keys-notice-paid-back-short = Your payment for { $keys } comes back to you
keys-notice-not-refunded-subject = A booking was cancelled after it had begun
keys-notice-not-refunded-body = The booking of “{ $keys }” from { $starts } was cancelled. It had begun, or a key had been taken, so nothing was refunded. If you want to refund it, do so in the provider’s dashboard.
keys-notice-not-refunded-short = A booking was cancelled after it had begun; nothing was refunded
keys-me-unpaid = To be paid for: { $keys }
keys-picture-of-bin-opened = A bin opened
keys-picture-of-bin-forced = A bin was forced open
keys-picture-of-door-opened = The main door opened
keys-picture-of-door-forced = The main door opened without permission
keys-picture-of-tampered = The case was tampered with
keys-picture-of-codes-refused = Wrong codes were typed in a row
keys-picture-any = Everything
keys-pictures-all = All pictures
keys-pictures-too-many = There are too many pictures for one file. Choose a shorter time.
