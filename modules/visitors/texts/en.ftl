# refusals
visitors-refused-no-right = You have no right to do that at this site. Ask an administrator for it.
visitors-refused-here = The guest is in the building already.
visitors-refused-not-yet = It is too early for that.
visitors-refused-over = The time of the visit is over.
visitors-refused-cancelled = The visit was called off.
visitors-refused-refused = The guest was not let in.
visitors-refused-gone = The guest has left.
visitors-check-in-not-now = This code cannot be used here now. Please ask at the desk.
visitors-check-in-too-many = Too many wrong codes. Please wait a few minutes or ask at the desk.

# what is wrong with a form
visitors-error-empty = Fill this in.
visitors-error-too-long = This is too long, or has signs that cannot be kept.
visitors-error-mail = This is not a mail address.
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
