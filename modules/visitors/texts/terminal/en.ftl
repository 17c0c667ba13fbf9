# The page of the terminal
visitors-terminal = Reception terminal
visitors-terminal-needs-scripts = This page needs JavaScript. Please check the settings of the browser.
visitors-terminal-unknown = This device is not registered as a terminal, or was withdrawn.
visitors-terminal-clock = The terminal's clock is more than two minutes off.
visitors-terminal-replay = This request was taken already.
visitors-terminal-site-closed = The site of this terminal is closed.
visitors-terminal-no-code = The registration code is wrong or too old.

# The list of terminals
visitors-terminals = Reception terminals
visitors-terminals-none = No terminals yet
visitors-terminals-none-do = Add a terminal to get a registration code. Then open /terminal on the tablet and type the code.
visitors-terminal-name = Name
visitors-terminal-name-hint = For example: Lobby, ground floor
visitors-terminal-site = Site
visitors-terminal-state = State
visitors-terminal-seen = Last heard of
visitors-terminal-any = All
visitors-terminal-waiting = Waiting for a tablet
visitors-terminal-working = Working
visitors-terminal-silent = Silent
visitors-terminal-new = Add a terminal
visitors-terminal-add = Add and make a code
visitors-terminal-new-code = New code
visitors-terminal-code-do = Open /terminal on the tablet and type this code. It is shown here and nowhere else.
visitors-terminal-code-until = It is good until { $time }, and once only.
visitors-terminal-revoke = Withdraw
visitors-terminal-revoke-question = Withdraw “{ $name }”? The tablet stops working at once.
visitors-terminal-revoked = The terminal was withdrawn.
visitors-terminal-look = Appearance
visitors-error-site = Choose a site.
visitors-error-whom = Choose once more whom to call.

# The settings of terminals
visitors-terminal-settings = Terminal settings
visitors-set-terminals-about = Register tablets as reception terminals and see whether they work.
visitors-set-terminal-about = Words, colour, wallpaper and choices of the reception terminals.
visitors-terminal-open = Open the terminal's page
visitors-terminal-preview = Preview
visitors-terminal-saved = Saved. The terminals have it within a minute.
visitors-terminal-accent = Colour
visitors-terminal-accent-hint = Written as #1d4f91, and dark enough for white letters.
visitors-terminal-languages = Languages
visitors-terminal-words = Words
visitors-terminal-words-hint = Empty fields show our own words. At most 60 characters.
visitors-terminal-welcome = Welcome
visitors-terminal-note = Note
visitors-terminal-offers = Choices
visitors-terminal-choices = On the first screen
visitors-terminal-choice-pass = I have an appointment
visitors-terminal-choice-walk-in = No appointment
visitors-terminal-choice-delivery = Delivery
visitors-terminal-choice-leave = I am leaving
visitors-terminal-asks = Asked of guests without an appointment, besides their name
visitors-terminal-ask-company = Company
visitors-terminal-ask-purpose = Purpose
visitors-terminal-ask-count = Number of people
visitors-terminal-search = People may be called by name
visitors-terminal-search-hint = From three letters on; at most five people are shown, their names partly hidden.
visitors-terminal-departments = Departments that may be called
visitors-terminal-departments-hint = The names of these groups stand on the terminal; a call tells all their members. At most 12.
visitors-terminal-carriers = Carriers
visitors-terminal-carriers-hint = One a line, at most 12.
visitors-terminal-office = Who is told of deliveries for nobody in particular
visitors-terminal-office-none = Such deliveries are not taken
visitors-terminal-office-hint = This group is told when somebody chooses “Reception / office”.
visitors-terminal-phone = Telephone of the desk
visitors-terminal-phone-hint = Shown when somebody could not be checked in. For example: ext. 100
visitors-terminal-picture = Wallpaper
visitors-terminal-picture-hint = PNG, JPEG or WebP, at most 1 MB. Anybody in the lobby sees it.
visitors-terminal-picture-hang = Change the wallpaper
visitors-terminal-picture-remove = Take it down
visitors-terminal-picture-remove-question = Take the wallpaper down and go back to the plain colour?
visitors-error-language = Choose at least one language.
visitors-error-choices = Choose at least one.
visitors-error-colour = Write the colour as #1d4f91.
visitors-error-contrast = White letters do not read well on this colour. Choose a darker one.
visitors-error-too-many = Choose at most 12.
visitors-error-picture = Choose a PNG, JPEG or WebP picture.
visitors-error-picture-large = The picture may have at most 1 MB.

# Deliveries
visitors-deliveries = Deliveries
visitors-deliveries-none = No deliveries yet
visitors-deliveries-none-do = What is handed in under “Delivery” at a terminal is listed here.
visitors-delivery-at = Handed in
visitors-delivery-carrier = Carrier
visitors-delivery-whom = For

# Messages
visitors-kind-called = Guests and deliveries for my department
visitors-notice-walk-in-subject = { $guest } is waiting at the reception
visitors-notice-walk-in-body =
    A guest without an appointment called your department from the terminal at { $site }.

    Name: { $guest }
    Company: { $company }
    Purpose: { $purpose }
    Time: { $at }

    Somebody please go to the reception.
visitors-notice-walk-in-short = { $site }: { $guest } is waiting at the reception
visitors-notice-walk-in-nameless-subject = A guest is waiting at the reception
visitors-notice-walk-in-nameless-body =
    At { $at } a guest without an appointment called your department from the terminal at { $site }.

    Somebody please go to the reception.
visitors-notice-walk-in-nameless-short = { $site }: a guest is waiting at the reception
visitors-notice-delivery-subject = A delivery by { $carrier } has come
visitors-notice-delivery-body = At { $at } a delivery by { $carrier } came to the reception of { $site }. Please fetch it.
visitors-notice-delivery-short = A delivery by { $carrier } is at the reception of { $site }

# Acts and things of the record
act-terminal-add = Add a terminal
act-terminal-code = Make a code for a terminal
act-terminal-enrol = Register a tablet as a terminal
act-terminal-revoke = Withdraw a terminal
act-terminal-settings = Change the settings of terminals
act-terminal-picture = Change the wallpaper of terminals
act-terminal-event = Report of a terminal that was not applied
act-visit-walk-in = Arrive without an appointment
act-delivery-hand-in = Hand in a delivery
kind-terminal = terminal
kind-delivery = delivery
