# the watch list, for administrators
visitors-watch = Watch list
visitors-set-watch-about = About whom the guard is asked first; administrators alone see it
visitors-watch-new = Add a person
visitors-watch-add = Add
visitors-watch-added = The person is on the watch list.
visitors-watch-entry = Person on the watch list
visitors-watch-names = Names
visitors-watch-names-hint = One a line, at most ten: in kanji, kana and letters, as far as you know them. The reading of kanji is not guessed: without it, a name in kana or letters is not found.
visitors-watch-organisation-hint = It decides nothing. It is shown beside a match.
visitors-watch-reason = Reason
visitors-watch-reason-hint = Administrators alone read it. Write facts, and few.
visitors-watch-phone = The guard’s telephone
visitors-watch-phone-hint = The desk sees it, for example “extension 110”.
visitors-watch-from = From
visitors-watch-until = Until
visitors-watch-until-hint = After that day it is erased. Leave it empty to keep it until it is removed.
visitors-watch-sites-hint = All sites, unless you choose some.
visitors-watch-who-sees = When a guest’s name is like this one, the desk of the site sees “Ask the guard”. Host and guest see nothing.
visitors-watch-remove = Remove
visitors-watch-remove-question = This person is taken off the watch list, and guests who were like them are no longer marked. This cannot be undone.
visitors-watch-remove-do = Remove
visitors-watch-removed = The person is off the watch list.
visitors-watch-search = Search names, organisations, reasons
visitors-watch-validity = Valid
visitors-watch-always = Without end
visitors-watch-made = Entered
visitors-watch-all-sites = All sites
visitors-watch-none = Nobody here
visitors-watch-none-text = Add people about whom the guard is to be asked before they are let in. Every guest who is announced or comes is compared with them.
visitors-watch-matches = Guests with such a name
visitors-watch-likeness = How alike
visitors-watch-same = Written alike
visitors-watch-sound = Sounds alike
visitors-watch-similar = One letter apart
visitors-watch-same-organisation = Same organisation
visitors-watch-other-organisation = Another organisation
visitors-watch-visits = { $count } visits
visitors-watch-made-by = by { $name }
visitors-watch-clear = Somebody else
visitors-watch-clear-question = This guest is not that person. Nobody is asked again about the two.
visitors-watch-clear-do = They are somebody else
visitors-watch-cleared = It is recorded that they are somebody else.
visitors-watch-import = Import a watch list
visitors-watch-import-hint = With a header: names, organisation, reason, phone, from, until, sites. Needed are names and reason. Several names or sites are parted by semicolons.
visitors-watch-import-do = Add all
visitors-watch-imported = The people are on the watch list.

# what is wrong with a form
visitors-error-watch-names = At most ten names.
visitors-error-watch-name = One of the names has no letter to compare.
visitors-error-watch-header = The header must have at least names and reason.
visitors-error-day = Write the day like 2026-11-22.
visitors-refused-watch-full = The watch list holds at most 2,000 people. Remove some who are no longer needed.

# what the desk sees
visitors-ask-guard = Ask the guard
visitors-guard-asked = Guard asked
visitors-ask-guard-question = Ask the guard before you let this guest in.
visitors-ask-guard-do = The guard was asked: let in
visitors-guard-asked-do = The guard was asked
visitors-refused-ask-guard = Ask the guard before you let this guest in. Then do so from the list of visits.

# messages
visitors-kind-watch = Guests about whom the guard is to be asked
visitors-notice-watch-why = Open the watch list
visitors-notice-watch-planned-subject = Ask the guard about a guest who is expected
visitors-notice-watch-planned-body = Somebody is expected at { $site } on { $starts }. Please ask the guard before you let them in. Neither guest nor host was told.
visitors-notice-watch-planned-short = Guest at { $site }, { $starts }: ask the guard first
visitors-notice-watch-here-subject = Ask the guard about a guest who is here
visitors-notice-watch-here-body = Somebody came to { $site } at { $at }. Please ask the guard before you let them in. Neither guest nor host was told.
visitors-notice-watch-here-short = Guest at { $site }: ask the guard first
visitors-notice-watch-passed-subject = A guest was let in without the guard being asked
visitors-notice-watch-passed-body = A guest about whom the guard was to be asked was let in at { $site } at { $at }. Whoever let them in was not told of it.
visitors-notice-watch-passed-short = { $site }: a guest was let in without the guard being asked
visitors-notice-watch-delivery-subject = Ask the guard about a delivery
visitors-notice-watch-delivery-body = Something was handed in at the terminal of { $site }. Please ask the guard about whoever brought it. They were not told.
visitors-notice-watch-delivery-short = Delivery at { $site }: ask the guard

# the record
act-watch-entry-add = Add somebody to the watch list
act-watch-entry-change = Change somebody on the watch list
act-watch-entry-remove = Take somebody off the watch list
act-watch-entry-expire = Erase somebody from the watch list after the last day
act-watch-entry-see = Look at somebody on the watch list
act-watch-list-see = Look at the watch list
act-watch-list-import = Import a watch list
act-watch-list-export = Export the watch list
act-watch-match = A name is like one on the watch list
act-watch-guard-asked = Say that the guard was asked
act-watch-clear = Say that a guest is not whom the watch list means
kind-watch-entry = person on the watch list
