//! The words that stand in columns.

use sekisho_storage::column_words;

column_words!(/// Where a key may be put back.
    ReturnPolicy {
    /// Into its own bin only; elsewhere it is taken back too, and people are told.
    FixedBin = "fixed_bin",
    /// Into any bin of its own box.
    AnyBin = "any_bin",
    /// Into any box of any site.
    AnySite = "any_site",
});

column_words!(/// What a picture is of.
    PictureOf {
    /// A bin opened for a release.
    BinOpened = "bin_opened",
    /// A bin opened without one.
    BinForced = "bin_forced",
    /// The main door opened for a command.
    DoorOpened = "door_opened",
    /// The main door opened without one.
    DoorForced = "door_forced",
    /// The case was opened or moved.
    Tampered = "tampered",
    /// Wrong codes were typed until the panel rested.
    CodesRefused = "codes_refused",
});

column_words!(/// How a bin's door was last seen.
    BinDoor {
    /// The box has not spoken yet.
    Unknown = "unknown",
    /// Closed.
    Closed = "closed",
    /// Open.
    Open = "open",
});

column_words!(/// How far a loan got.
    LoanState {
    /// The bin is released; the key has not been taken yet.
    Released = "released",
    /// With the holder.
    Out = "out",
    /// Back.
    Returned = "returned",
    /// Released, but not taken in time.
    NotTaken = "not_taken",
    /// Handed over to somebody else, who has a loan of their own.
    HandedOver = "handed_over",
    /// Ended because the key turned up in other hands, or was given up.
    Lost = "lost",
});

impl LoanState {
    /// Whether the key counts as taken or about to be.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Released | Self::Out)
    }
}

column_words!(/// By which way a loan came about, or a person is known at the panel.
    Way {
    /// ID number and one-time code.
    IdNumber = "id_number",
    /// Badge.
    Badge = "badge",
    /// Booking code at the box.
    BookingCode = "booking_code",
    /// Personal address of a booking.
    BookingLink = "booking_link",
    /// Keycode.
    Keycode = "keycode",
    /// The web pages or the API.
    Web = "web",
    /// A manager wrote it down.
    Registered = "registered",
    /// From the earlier holder.
    HandOver = "hand_over",
    /// From a bin a manager opened.
    ManagerOpening = "manager_opening",
    /// By force; nobody was allowed to.
    Force = "force",
});

column_words!(/// How far a booking got.
    BookingState {
    /// Kept, but not in force before it is paid.
    Unpaid = "unpaid",
    /// In force.
    Booked = "booked",
    /// Called off.
    Cancelled = "cancelled",
    /// Its time is over.
    Over = "over",
});

impl BookingState {
    /// While these last, the keys are kept for whoever they were booked for.
    pub const KEPT: [Self; 2] = [Self::Unpaid, Self::Booked];

    /// Whether the keys can be taken under it. What has to be paid first is kept, and no more.
    pub fn is_in_force(self) -> bool {
        self == Self::Booked
    }
}

column_words!(/// How far a payment got.
    PaymentState {
    /// It is waited for.
    Awaited = "awaited",
    /// All of it was paid.
    Paid = "paid",
    /// It was paid, and is to be paid back.
    RefundDue = "refund_due",
    /// It was paid back.
    Refunded = "refunded",
    /// The provider would not pay back: somebody has to see to it there.
    RefundFailed = "refund_failed",
    /// Nobody paid in time.
    Lapsed = "lapsed",
});

column_words!(/// How far a payment page got.
    PageState {
    /// It can be paid, as far as we know.
    Open = "open",
    /// It was paid.
    Paid = "paid",
    /// It cannot be paid any more: it ran out, the payment came to nothing, or the provider knows nothing of it.
    Over = "over",
});

column_words!(/// In what is paid (ISO 4217, in small letters as providers spell it).
    Currency {
    /// Japanese yen.
    Jpy = "jpy",
    /// US dollar.
    Usd = "usd",
    /// Euro.
    Eur = "eur",
});

column_words!(/// What can be wrong.
    IncidentKind {
    /// A holder reports a fault of what the key opens.
    Fault = "fault",
    /// A key left its bin though nobody was allowed to take it.
    RemovedByForce = "removed_by_force",
    /// A key is neither in a bin nor on loan.
    Missing = "missing",
    /// A key hangs where it does not belong.
    WrongBin = "wrong_bin",
    /// A key turned up in other hands.
    Swapped = "swapped",
    /// A bin was opened by force.
    BinForced = "bin_forced",
    /// A bin stands open.
    BinLeftOpen = "bin_left_open",
    /// A fob nobody knows.
    UnknownFob = "unknown_fob",
    /// Somebody works on the box.
    Tampered = "tampered",
    /// The box is without power.
    PowerLost = "power_lost",
    /// The box's battery is low.
    BatteryLow = "battery_low",
});

column_words!(/// What came of a remote opening.
    OpeningResult {
    /// On its way to the box.
    Sent = "sent",
    /// Open.
    Opened = "opened",
    /// The box did not answer in time.
    Expired = "expired",
    /// The box could not.
    Failed = "failed",
});
