# Appointments that repeat. Refusals, and what is wrong with a form
visitors-refused-no-series = This appointment does not repeat.
visitors-refused-series-of-others = Some of the appointments that follow are not yours to change. Change them one by one, or ask whoever made them.
visitors-error-repeat = This is no rule of repeating. Give either a last day or a number of times, not both.
visitors-error-repeat-not-offered = Appointments do not repeat like that: by days, weeks, months or years, and at most once a day.
visitors-error-repeat-nothing = There is no day to which this applies.
visitors-error-repeat-once = This happens only once. Make it an appointment that does not repeat.
visitors-error-repeat-too-long = The last one must be within a year of the first.
visitors-error-repeat-overlap = One would not be over when the next begins. Look at its end, or leave more time between them.
visitors-error-repeat-visits = Times and guests multiplied must not be more than 800.
visitors-error-repeat-except = Enter the days left out as 2026-12-28.
visitors-error-repeat-calendar = There is no such calendar of holidays any more.
visitors-error-repeat-never = Choose how often.
visitors-error-repeat-fixed = How it repeats is not changed. Call off what follows, and make it anew.

# fields
visitors-repeat = Repeat
visitors-repeat-how = How often
visitors-repeat-choice-never = Never
visitors-repeat-choice-daily = Every day
visitors-repeat-choice-workdays = On weekdays (Monday to Friday)
visitors-repeat-choice-weekly = Every week
visitors-repeat-choice-fortnightly = Every two weeks
visitors-repeat-choice-monthly-date = Every month on the same date
visitors-repeat-choice-monthly-weekday = Every month on the same weekday, such as the second Tuesday
visitors-repeat-choice-monthly-last = Every month on its last day
visitors-repeat-days = On
visitors-repeat-days-hint = For every week or two. Choose none for the weekday on which it starts.
visitors-repeat-until = Last day
visitors-repeat-until-hint = Give a last day or a number of times. With neither it goes on for a year.
visitors-repeat-count = How many times
visitors-repeat-except = Days left out
visitors-repeat-except-hint = As 2026-12-28, 2027-01-04.
visitors-repeat-japan = Not on Japan’s national holidays
visitors-repeat-calendars = Not on the holidays of
visitors-repeat-look = Look at the days
visitors-repeat-preview = { $count } times, not made yet. { $more }
visitors-repeat-for-a-year = It has no end, so it goes on for a year.

# the page of an appointment
visitors-series = Repeats
visitors-series-all = All of them
visitors-series-made = The appointments were made. Each has passes of its own.
visitors-series-place = No. { $number } of { $count }
visitors-series-is-apart = This one was changed by itself. What changes the others leaves it as it is.
visitors-series-apart = Changed by itself
visitors-series-cancelled = Called off
visitors-series-over = Over
visitors-which = For
visitors-which-one = Only this one
visitors-which-following = This one and all that follow
visitors-remove-following = Take off all that follow
visitors-remove-following-question = The guest is taken off this appointment and all that follow, and told so.

# how often, in words
visitors-weekday-mo = Monday
visitors-weekday-tu = Tuesday
visitors-weekday-we = Wednesday
visitors-weekday-th = Thursday
visitors-weekday-fr = Friday
visitors-weekday-sa = Saturday
visitors-weekday-su = Sunday
visitors-repeat-daily = every day
visitors-repeat-daily-each = every { $count } days
visitors-repeat-workdays = Monday to Friday
visitors-repeat-weekly = every { $days }
visitors-repeat-weekly-each = every { $count } weeks on { $days }
visitors-repeat-monthly = every month on { $days }
visitors-repeat-monthly-each = every { $count } months on { $days }
visitors-repeat-date = the { $day ->
    [1] 1st
    [2] 2nd
    [3] 3rd
    [21] 21st
    [22] 22nd
    [23] 23rd
    [31] 31st
   *[other] { $day }th
 }
visitors-repeat-last-day = its last day
visitors-repeat-nth-1 = the first { $day }
visitors-repeat-nth-2 = the second { $day }
visitors-repeat-nth-3 = the third { $day }
visitors-repeat-nth-4 = the fourth { $day }
visitors-repeat-nth-5 = the fifth { $day }
visitors-repeat-nth-last = the last { $day }
visitors-repeat-these-days = on set days
visitors-repeat-hours = { $from }–{ $to }
visitors-repeat-from = from { $from }
visitors-repeat-listed = { $how }, { $count ->
    [one] once
   *[other] { $count } times
 }
visitors-repeat-but = { "" } (not on { $days })
visitors-repeat-but-some = { "" } (not on some days)
visitors-repeat-see-file = { "" } (the days are in the calendar file)
visitors-repeat-words = { $how }, { $count ->
    [one] once
   *[other] { $count } times
 }, until { $last }

# the guest's page
visitors-page-series = Your next visits
visitors-page-series-text = Each has a QR code and a code of its own. They stand on the page of that day, and come by mail the day before.
visitors-page-cancel-all = Call off all my next visits
visitors-page-cancel-all-question = All of your next visits are called off, and your host is told.

# mails to guests
visitors-mail-series-invited-subject = Your visits to { $tenant } from { $starts }
visitors-mail-series-invited-body =
    Dear { $name },

    we look forward to seeing you.

    When: { $series }
    Where: { $site } { $place }
    { $address }
    You meet: { $host }

    The first time: { $starts }
    At the reception, hold up the QR code of this mail or type this code:

    { $code }

    Each time has a QR code and a code of its own. The others come by mail the day before, and stand on the page below. The calendar file has all of the days.{ $registration ->
        [asked] {"\u000A\u000A"}Please fill in what your page asks for before you come.
       *[other] {""}
    }
visitors-mail-series-changed-subject = Changed: your visits to { $tenant } from { $starts }
visitors-mail-series-changed-body =
    Dear { $name },

    your visits were changed. They are now:

    When: { $series }
    Where: { $site } { $place }
    { $address }
    You meet: { $host }

    The QR codes and codes you got for these days no longer work. For the next time ({ $starts }) your code is:

    { $code }

    The others come by mail the day before, and stand on the page below. The calendar file has the new days.{ $registration ->
        [asked] {"\u000A\u000A"}Please fill in what your page asks for before you come.
       *[other] {""}
    }
visitors-mail-series-cancelled-subject = Called off: your visits to { $tenant } from { $starts }
visitors-mail-series-cancelled-body =
    Dear { $name },

    these visits to { $site } were called off. You need not come.

    { $series }
    (the first of them: { $starts })

    If you have questions, please ask { $host }.

# what hosts are told
visitors-notice-guest-cancelled-series-subject = A guest does not come any more
visitors-notice-guest-cancelled-series-body = The guest called off all visits from { $starts } on ({ $count }).

# the record
act-series-make = Make a series of appointments
act-series-change = Change a series of appointments
act-series-cancel = Cancel a series of appointments
act-series-add-guest = Add a guest to a series of appointments
act-series-remove-guest = Take a guest off a series of appointments
kind-series = series of appointments
