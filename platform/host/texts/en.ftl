nav-today = Today
today-title = Today
today-who-is-here = Who is here?
today-what-is-out = What is out or late?
today-what-needs-me = What needs me?
today-what-happened = What happened?
today-nobody-known = Nobody is known to be here.
today-nothing-out = Nothing is out.
today-nothing-needs-you = Nothing needs you.
today-nothing-happened = Nothing has happened lately.
today-many-things = several things
today-right-ends = { $who }: { $what }
today-rights-ending = { $count ->
    [one] 1 right ends soon
   *[other] { $count } rights end soon
 }
today-silent = { $name } does not answer
today-silent-devices = { $count ->
    [one] 1 silent device
   *[other] { $count } silent devices
 }
today-rollout-halted = The rollout of { $image } stopped by itself ({ $failed } could not be updated)
today-rollouts-halted = { $count ->
    [one] One rollout stopped by itself
   *[other] { $count } rollouts stopped by themselves
}
today-dead-letters = { $count ->
    [one] 1 message could not be delivered
   *[other] { $count } messages could not be delivered
 }
today-dead-letters-text = Check the addresses, then send them again.
today-look = Look at them

search-title = Search
search-what = Search people, keys, boxes, bookings, settings …
search-start = What are you looking for?
search-start-text = Type a name or its reading, a number plate, the name of a setting. Width, case and kana make no difference.
search-none = Nothing found
search-none-text = Nothing fits “{ $words }”. Try fewer or other words. What you may not see is not listed.
search-narrow = There are more. Add a word to narrow them down.
search-more-words = More
search-left = has left
search-person = People
search-group = Groups
search-device = Devices
search-site = Sites
search-schedule = Schedules and holiday calendars
search-page = Pages and settings
search-key = Keys
search-key-box = Boxes
search-key-group = Key groups
search-key-booking = Bookings

settings-title = Settings
settings-mine = My own
settings-people = People and rights
settings-things = Sites, devices, keys
settings-notices = Notices and integrations
settings-record = Record
set-profile = Profile
set-profile-about = What is known about me, and my language
set-security = Sign-in and security
set-security-about = Password, two-step sign-in, PIN, signed-in devices, API tokens
set-my-notices = How I am told
set-my-notices-about = What comes by mail, push or text message
set-people = People
set-people-about = Invitations, badges, leavers
set-groups = Groups
set-groups-about = Put people together by department or role.
set-import = Import people
set-import-about = Invite them from a CSV file.
set-sign-in = Rules of sign-in
set-sign-in-about = Two-step sign-in for all, networks of administration, reveals of personal data, how long leavers are kept
set-rights = Rights
set-rights-about = Who may use what, and when
set-schedules = Schedules and holidays
set-schedules-about = Opening hours, national holidays, your own holiday calendars
set-rules = Rules
set-rules-about = What your organisation forbids whatever the rights say
set-places = Sites
set-places-about = Address, time zone, areas
set-devices = Devices
set-devices-about = Adding boxes, certificates, connection state
set-first-hour = First hour
set-first-hour-about = Goes through the first steps one by one.
set-notices = Sent notices
set-notices-about = What could not be delivered, and sending it again
set-channels = Channels
set-channels-about = Mail, text messages, Slack, Teams
set-webhooks = Webhooks
set-webhooks-about = Tells other systems what happened.
set-verify = Verify the record
set-verify-about = Check with nothing but an export and the public key that nothing was changed.

first-title = First hour
first-title-count = First hour ({ $done } of { $all } done)
first-intro = Step by step to the first key that can be lent. Everything can be changed later, so any name will do.
first-done = Done
first-skipped = Later
first-later = Later
first-site = Add a site
first-site-about = The name and address of a building. Times are shown in its time zone.
first-site-do = Add a site
first-people = Invite colleagues
first-people-about = They receive a mail and set their own password. A CSV file brings in many at once.
first-people-do = Invite
first-key-box = Add a key box
first-key-box-about = How many bins it has and where it hangs; then connect its device.
first-key-box-do = Add a box
first-key = Add a key
first-key-about = Its name, its bin, and when it is due back.
first-key-do = Add a key
