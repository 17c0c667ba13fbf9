# How long visits are kept
visitors-retention = How long visits are kept
visitors-retention-about = When guests are forgotten and visits removed
visitors-retention-lead = Unless you say otherwise, everything is kept. For each kind you can say how many days after the end of a visit it goes. Forgetting a guest takes name and contact data away; that somebody came, when and to whom, stays. Removing the visit takes that away, too. The record keeps only that visits were removed, and how many; the figures of each day stay. Visits that are removed within three days may be missing in them: arrivals that a terminal tells late are no longer counted.
visitors-keep-forget = Forget the guest after (days)
visitors-keep-remove = Remove the visit after (days)
visitors-keep-for-ever = empty: never
visitors-keep-look = See what would go now
visitors-keep-would = With these settings { $guests } guests would be forgotten and { $visits } visits removed now. What was forgotten does not come back.
visitors-error-keep-days = Enter 1 to 36500 days.
visitors-error-keep-order = Enter as many days as for forgetting the guest, or more.
act-visitor-retention-change = Change how long visits are kept
act-visit-remove = Remove visits that were kept long enough
