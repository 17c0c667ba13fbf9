# refusals
visitors-refused-no-right = You have no right to do that at this site. Ask an administrator for it.
visitors-refused-here = The guest has arrived already.
visitors-refused-not-here = The guest has not arrived yet.
visitors-refused-not-yet = It is too early for that.
visitors-refused-over = The time of the visit is over.
visitors-refused-cancelled = The visit was called off.
visitors-refused-refused = The guest was not let in.
visitors-refused-gone = The guest has left.
visitors-check-in-not-now = This code cannot be used here now. Please ask at the desk.
visitors-check-in-too-many = Too many wrong codes. Please wait a few minutes or ask at the desk.

# what is wrong with a form
visitors-error-mail = This is not a mail address.
visitors-error-ring = Enter one line of at most 200 characters.
visitors-error-phone = This is not a telephone number.
visitors-error-group = There is no such group any more.
visitors-error-person = Choose somebody who works here.
visitors-error-deputies = Choose at most five deputies.
visitors-error-guests = Name at least one guest, and at most a hundred.
visitors-error-companions = Enter a number from 0 to 99.
visitors-error-count = Enter a number from 1 to 100.
visitors-error-time = Enter a date and a time.
visitors-error-backwards = The end must be after the beginning.
visitors-error-past = This is in the past.
visitors-error-period-too-long = A visit lasts at most 31 days.
visitors-error-opens-before = Enter a number from 0 to 1440.
visitors-error-answer-within = Enter a number from 1 to 60.

# the rail, headings, columns
visitors-nav = Visitors
visitors-title = Visitors
visitors-appointment = Appointment
visitors-guest = Guest
visitors-guests = Guests
visitors-company = Company
visitors-companions = People along
visitors-kind = Kind
visitors-kind-guest = Guest
visitors-kind-colleague = Colleague
visitors-kind-delivery = Delivery
visitors-kind-interview = Interview
visitors-kind-contractor = Contractor
visitors-site = Site
visitors-place = Room or floor
visitors-host = Host
visitors-deputies = Deputies
visitors-starts = Starts
visitors-ends = Ends
visitors-purpose = Purpose
visitors-note = Note
visitors-code = Code
visitors-arrived-at = Arrived
visitors-left-at = Left
visitors-day = Day
visitors-do = Actions
visitors-state-draft = Not told yet
visitors-state-invited = Invited
visitors-state-registered = Registered
visitors-state-arrived = At the reception
visitors-state-admitted = In
visitors-state-left = Left
visitors-state-no-show = Did not come
visitors-state-refused = Not let in
visitors-state-cancelled = Called off
visitors-nameless = No name
visitors-nameless-people = { $count ->
    [one] One person, no name
   *[other] { $count } people, no names
 }
visitors-and-more = { $count ->
    [one] and one more
   *[other] and { $count } more
 }

# the list
visitors-search = Search guests, companies
visitors-show = Show
visitors-show-coming = Today and later
visitors-show-here = Here now
visitors-show-today = Today
visitors-show-past = Past
visitors-whose = Whose
visitors-whose-all = Everybody’s
visitors-whose-mine = Mine
visitors-tile-here = People here
visitors-tile-waiting = Waiting
visitors-none = No visits
visitors-none-text = Try other filters, or invite a guest, who gets a QR code and the way to you by mail.
visitors-check-in = Check in
visitors-check-in-do = Check in
visitors-checked-in = The guest is checked in. The host was told.
visitors-code-hint = The eight characters below the QR code. A scanner that types works here, too.
visitors-wave-in = Wave people in
visitors-wave-in-do = Let in
visitors-waved-in = They are counted as here.
visitors-count = People
visitors-host-hint = Type a name or mail address. Leave it empty when they come to nobody in particular.
visitors-host-unknown = Nobody here has that name or mail address.
visitors-host-several = Several people have that name. Type a mail address.

# acts
visitors-answer = I’m coming
visitors-answered = The reception was told that you are coming.
visitors-answered-already = Somebody said before that they are coming.
visitors-answered-by = { $name } is coming
visitors-comes-again = Coming again
visitors-unanswered = Nobody answers
visitors-pass-on = Ask somebody else
visitors-passed-on = Somebody else was told.
visitors-passed-on-to-desk = Nobody else is left to tell. The desk’s list shows that nobody answers.
visitors-nobody-left = Everybody has been told. Please ask the desk, or meet the guest yourself.
visitors-admit = Let in
visitors-arrive = Has come
visitors-admitted = The guest is let in.
visitors-refuse = Refuse
visitors-refuse-question = The guest is not let in, and their code opens nothing any more.
visitors-refuse-do = Do not let in
visitors-was-refused = The guest was not let in.
visitors-check-out = Check out
visitors-checked-out = The guest is checked out.

# an appointment
visitors-new = Invite a guest
visitors-new-do = Invite
visitors-made = The appointment was made.
visitors-change = Change
visitors-change-do = Change
visitors-changed = The appointment was changed. Guests get a new code.
visitors-cancel = Call off
visitors-cancel-question = The appointment is called off, and guests who were invited are told.
visitors-cancel-do = Call off
visitors-cancelled = The appointment was called off.
visitors-was-cancelled = This appointment was called off.
visitors-add-guest = Add a guest
visitors-add-guest-do = Add
visitors-guest-added = The guest was added.
visitors-remove-guest = Take off
visitors-remove-question = This guest is taken off the appointment and told.
visitors-remove-do = Take off
visitors-record-visits = Visits
visitors-change-guest = Correct
visitors-change-guest-title = Correct a guest
visitors-change-guest-mail-hint = Where the QR code goes. At another address the guest gets a new code and QR code, and the old ones stop working.
visitors-change-guest-do = Save
visitors-guest-changed = The guest is corrected.
visitors-guest-removed = The guest was taken off.
visitors-no-site = There is no site yet
visitors-no-site-text = Guests are invited to a site. An administrator adds one under Settings, Places.
visitors-who = Who comes
visitors-when = When and where
visitors-receives = Who receives
visitors-guest-name = Name
visitors-guest-mail = Mail
visitors-guest-mail-hint = The QR code goes there. Without one, give the guest their code yourself.
visitors-guest-language = Language
visitors-guest-reading = Reading (kana)
visitors-guest-phone = Telephone
visitors-more-guests = More guests
visitors-more-guests-hint = One a line: name, mail, company. Each gets a QR code of their own.
visitors-zone-hint = Times are those of the clock at the site.
visitors-purpose-hint = Guests read this.
visitors-deputies-hint = Asked one after the other when the host does not answer.
visitors-group = Department
visitors-group-none = None
visitors-group-hint = Told when host and deputies do not answer.
visitors-note-hint = For host and desk only.

# settings
visitors-settings = Reception
visitors-set-about = Who invites, when codes open, who is told
visitors-set-who = Who may invite guests
visitors-set-everybody = Everybody
visitors-set-users = Whoever may use the site
visitors-set-opens-before = Codes open so many minutes before
visitors-set-opens-before-hint = 0 to 1440
visitors-set-answer-within = Minutes to answer
visitors-set-answer-within-hint = After that the next deputy is asked; 1 to 60.
visitors-set-ring = Whom to ring when nobody answers
visitors-set-ring-hint = Shown on the desk’s list then. Example: General affairs, extension 110
visitors-set-names = Name guests in messages to hosts
visitors-set-names-hint = When off, messages lead to a page that names them.
visitors-set-reminds = Remind guests the day before
visitors-saved = Saved.

# cards
visitors-me = My next guests
visitors-here = Guests
visitors-here-count = { $site }: { $count ->
    [one] one guest
   *[other] { $count } guests
 }

# the guest’s own page
visitors-page-title = Your visit
visitors-page-pass = Your QR code for the reception
visitors-page-pass-text = Show the QR code at the reception, or type the code. It opens once, at the time of your visit.
visitors-page-when = Your visit
visitors-page-starts = From
visitors-page-ends = Until
visitors-page-site = Where
visitors-page-address = Address
visitors-page-map = Open the map
visitors-page-place = Room or floor
visitors-page-host = You meet
visitors-page-purpose = Purpose
visitors-page-calendar = Add to calendar
visitors-page-changes = If something changes
visitors-page-propose = Another time would suit you better?
visitors-page-propose-hint = Your host gets this message.
visitors-page-propose-do = Send
visitors-page-proposed = Your message was sent.
visitors-page-cancel = I cannot come
visitors-page-cancel-question = Your visit is called off, and your host is told.
visitors-page-cancel-do = Call off
visitors-page-cancelled = This visit was called off.
visitors-page-arrived = You are checked in. Somebody will meet you in a moment.
visitors-page-admitted = Welcome.
visitors-page-left = Thank you for your visit.
visitors-page-over = This visit is over.
visitors-page-keys = Your keys
visitors-page-keys-code = Type this code at the key box.
visitors-page-keys-open = Open the page of the keys
visitors-page-keys-out = You have the key. Please put it back into the box afterwards.
visitors-page-keys-called-off = The key booking was called off. Please ask your host if you have questions.
visitors-ics-title = Visit to { $site }

# mails to guests
visitors-mail-open = Open your page
visitors-mail-invited-subject = Your visit to { $tenant } on { $starts }
visitors-mail-invited-body =
    Dear { $name },

    we look forward to your visit.

    From: { $starts }
    Until: { $ends }
    Where: { $site } { $place }
    { $address }
    You meet: { $host }

    Please show the QR code in this mail at the reception, or type this code:

    { $code }

    On your page you find the way, and can tell us if something changes.{ $registration ->
        [asked] {"\u000A\u000A"}Please fill in what your page asks for before you come.
       *[other] {""}
    }
visitors-mail-changed-subject = Changed: your visit to { $tenant } on { $starts }
visitors-mail-changed-body =
    Dear { $name },

    your visit was changed.

    From: { $starts }
    Until: { $ends }
    Where: { $site } { $place }
    { $address }
    You meet: { $host }

    The QR code and code of earlier mails are no longer valid. Your new code:

    { $code }{ $registration ->
        [asked] {"\u000A\u000A"}Please fill in what your page asks for before you come.
       *[other] {""}
    }
visitors-mail-reminder-subject = Tomorrow: your visit to { $tenant }
visitors-mail-reminder-body =
    Dear { $name },

    we look forward to seeing you tomorrow.

    From: { $starts }
    Where: { $site } { $place }
    { $address }
    You meet: { $host }

    Your code for the reception:

    { $code }{ $registration ->
        [asked] {"\u000A\u000A"}Please fill in what your page asks for before you come.
       *[other] {""}
    }
visitors-mail-cancelled-subject = Called off: your visit to { $tenant } on { $starts }
visitors-mail-cancelled-body =
    Dear { $name },

    your visit from { $starts } at { $site } was called off. You need not come.

    If you have questions, please ask { $host }.

visitors-mail-keys-subject = Keys for your visit to { $tenant } on { $starts }
visitors-mail-keys-body =
    Dear { $name },

    keys are ready for your visit.

    Keys: { $keys }
    Where: { $places }
    From: { $starts }
    Until: { $ends }

    Please type this code at the key box:

    { $code }

    You find more on your page.
visitors-mail-keys-off-subject = Called off: keys for your visit to { $tenant } on { $starts }
visitors-mail-keys-off-body =
    Dear { $name },

    the booking of the keys ({ $keys }) for your visit from { $starts } was called off. Its code is no longer valid.

    If you have questions, please ask { $host }.

# messages to hosts
visitors-notices-arrivals = My guests: arrived, turned away
visitors-notices-appointments = My guests: cancelled, ask for another time
visitors-notice-open = Open the appointment
visitors-notice-arrived-subject = { $guest } is here
visitors-notice-arrived-body = { $guest } { $company } has been waiting at the reception of { $site } since { $at }.
visitors-notice-arrived-short = { $guest } is at the reception of { $site }
visitors-notice-arrived-nameless-subject = A guest is here
visitors-notice-arrived-nameless-body = A guest has been waiting at the reception of { $site } since { $at }.
visitors-notice-arrived-nameless-short = A guest is at the reception of { $site }
visitors-notice-admitted-subject = { $guest } was let in
visitors-notice-admitted-body = { $guest } { $company } was let in at { $site } by { $by } at { $at }.
visitors-notice-admitted-short = { $guest } was let in at { $site }
visitors-notice-admitted-nameless-subject = A guest was let in
visitors-notice-admitted-nameless-body = Somebody who comes to you ({ $heads } in all) was let in at { $site } by { $by } at { $at }.
visitors-notice-admitted-nameless-short = A guest was let in at { $site }
visitors-notice-pass-used-subject = A QR code was shown a second time
visitors-notice-pass-used-body = The QR code of one of your guests, who is already checked in, was shown again at { $at }. Please find out who it was.
visitors-notice-pass-other-site-subject = A guest came to another site
visitors-notice-pass-other-site-body = One of your guests, expected at { $starts }, showed their QR code at another site at { $at }.
visitors-notice-pass-not-now-subject = A guest’s QR code was refused
visitors-notice-pass-not-now-body = One of your guests, expected at { $starts }, showed a QR code at { $at } that is not valid now.
visitors-notice-guest-cancelled-subject = A guest cannot come
visitors-notice-guest-cancelled-body = A guest called off their visit of { $starts }.
visitors-notice-guest-proposes-subject = A guest asks for another time
visitors-notice-guest-proposes-body =
    A guest whom you expect at { $starts } writes:

    { $words }

# keys that go with a visit
visitors-keys = Keys
visitors-keys-place = Where
visitors-keys-book = Book keys
visitors-keys-book-do = Book
visitors-keys-booked = The keys are booked. The code is on the guest’s page, and in a mail if they have an address.
visitors-keys-cancel = Call off
visitors-keys-cancel-question = The key booking is called off. Its code stops working at once, and the guest is told.
visitors-keys-cancel-do = Call off
visitors-keys-cancelled = The key booking was called off.
visitors-keys-state-booked = Booked
visitors-keys-state-out = Taken
visitors-keys-state-called-off = Called off
visitors-keys-state-over = Over
visitors-keys-none = No keys booked
visitors-keys-none-text = Book keys for the time of the visit, and the guest’s page shows the code.
visitors-keys-search = Search keys by name
visitors-keys-cut = These are the first { $count } keys. Search by name to see others.
visitors-keys-at = { $key } ({ $place })
visitors-keys-at-taken = { $key } ({ $place }), booked at that time
visitors-keys-hint = Keys are booked for the time of the visit. The code stands on the guest’s page, so whoever may change this appointment (host, deputies, desk) can see it, too.
visitors-keys-no-guest = No guest to book keys for
visitors-keys-no-guest-text = Keys can be booked for guests who are to come or here, and have none yet.
visitors-keys-no-key = No keys to book
visitors-keys-no-key-text = You can book the keys at this site that you manage.
visitors-keys-error-choose = Choose at least one key, and at most 20.
visitors-keys-refused-not-yours = You have no right to book that key at this site. Ask whoever manages it.
visitors-keys-refused-taken = The key is booked at that time.
visitors-keys-refused-apart = Keys in different time zones cannot be booked together.
visitors-keys-refused-in-use = A key of this booking was taken already.
visitors-keys-refused-ended = This booking of keys is over or was called off already.
visitors-keys-refused-bad-time = Keys cannot be booked for that time.
visitors-keys-refused-booked = Keys are booked for this guest already. Call them off first to book others.
visitors-keys-refused-visit-over = This visit is over or was called off, so no keys can be booked.
visitors-refused-has-keys = This guest still has a key. Erase them once it is back.
visitors-notice-keys-off-subject = The key booking of a guest was called off
visitors-notice-keys-off-body =
    The booking of the keys ({ $keys }) for the visit of { $starts } was called off.

    { $why ->
        [other_guest] What is known of the guest, such as the mail address, was changed.
        [other_site] The visit was moved to another site.
        [taken] Somebody else has booked them at the new time.
        [not_yours] Whoever changed the appointment has no right to book them.
        [in_use] A key had been taken before the time was changed. It can be put back at any time.
        [ended] The booking was over, or had been called off, before the time was changed.
       *[other] They cannot be booked at the new time.
    }

    Book keys again if they are needed.
visitors-notice-keys-off-short = The key booking for the visit of { $starts } was called off

# search
search-visit = Visits

# one guest
visitors-guest-erased = This guest was erased. Visits stay, without a name.
visitors-erase = Erase
visitors-erase-question = Name, company, mail address and telephone number of this guest are destroyed for good. Visits stay, without a name.
visitors-erase-do = Erase for good
visitors-was-erased = The guest was erased.
visitors-refused-still-expected = This guest has visits that are to come or under way. Call them off or check the guest out first.

# many at once
visitors-import = Import
visitors-import-csv = Table (CSV)
visitors-import-hint = With a header: starts, ends, site, name, reading, company, mail, phone, language, companions, kind, host (mail address), room (its name as it is kept), place (free text), purpose. Needed are starts, ends and name. A table makes appointments that do not repeat.
visitors-import-look = Check
visitors-import-do = Invite all
visitors-import-line = Line
visitors-import-wrong = To correct
visitors-import-good = All rows can be imported. Nothing was made yet.
visitors-import-bad = Correct the rows below. Nothing was made.
visitors-imported = The appointments were made.
visitors-error-csv = This cannot be read as a table.
visitors-error-csv-header = The header must have at least starts, ends and name.
visitors-error-csv-rows = Bring at least one row, and at most 500.
visitors-error-language-tag = The language is ja, en, zh or ko.
visitors-error-kind = The kind is guest, colleague, delivery, interview or contractor.
visitors-error-site-name = There is no site of that name.

# the list for leaving the building
visitors-evacuation = Evacuation list
visitors-evacuation-print = Print
visitors-evacuation-as-of = As of { $day }, { $clock }
visitors-evacuation-out = Out
visitors-evacuation-nobody = No visitors here
visitors-evacuation-nobody-text = Nobody is checked in or waved in at this site.
visitors-evacuation-hint = Visitors only. This browser keeps the newest list for twelve hours while this page or the visitors page is open: when the server cannot be reached, open this address again.
