# Words of acts and things. In the record the result stands beside an act, so acts are nouns or bare verbs; told- are the sentences of "What happened?".
act-appointment-make = Make an appointment
act-appointment-change = Change an appointment
act-appointment-cancel = Cancel an appointment
act-appointment-add-guest = Add a guest to an appointment
act-visit-cancel = Take a guest off an appointment
act-visit-check-in = Check in at the reception
act-visit-admit = Let a guest in
act-visit-refuse = Not let a guest in
act-visit-check-out = Check out
act-visit-wave-in = Wave people in
act-visit-miss = A guest did not come
act-visit-desk = Act as the desk of a site
act-visit-invite = Invite guests to a site
act-visit-decide = Decide about a visit
kind-appointment = appointment
kind-visit = visit
kind-guest = guest
