//! The words that stand in columns.

use sekisho_storage::column_words;

column_words!(/// What kind of visit it is.
    VisitKind {
    /// Somebody from outside.
    Guest = "guest",
    /// Somebody with an account here, from another site.
    Colleague = "colleague",
    /// Something is brought.
    Delivery = "delivery",
    /// Somebody who applies for work.
    Interview = "interview",
    /// Somebody who works on the building or in it.
    Contractor = "contractor",
});

column_words!(/// How far a visit got.
    VisitState {
    /// Written down, nobody was told.
    Draft = "draft",
    /// The guest was told.
    Invited = "invited",
    /// The guest filled in the personal page.
    Registered = "registered",
    /// At the reception.
    Arrived = "arrived",
    /// Let in.
    Admitted = "admitted",
    /// Gone.
    Left = "left",
    /// Never came.
    NoShow = "no_show",
    /// Not let in.
    Refused = "refused",
    /// Called off.
    Cancelled = "cancelled",
});

impl VisitState {
    /// The states of guests who are still to come.
    pub const EXPECTED: [Self; 3] = [Self::Draft, Self::Invited, Self::Registered];
    /// The states of guests who are in the building.
    pub const HERE: [Self; 2] = [Self::Arrived, Self::Admitted];

    /// Whether the guest is still to come.
    pub fn is_expected(self) -> bool {
        Self::EXPECTED.contains(&self)
    }

    /// Whether the guest is in the building.
    pub fn is_here(self) -> bool {
        Self::HERE.contains(&self)
    }
}

column_words!(/// By which way something came about.
    VisitWay {
    /// At a reception terminal.
    Terminal = "terminal",
    /// By the desk.
    Desk = "desk",
    /// By the host or a deputy.
    Host = "host",
    /// By the guest, on the personal page.
    Page = "page",
    /// By the clock, at the end of the site's day.
    EndOfDay = "end_of_day",
});

column_words!(/// How alike a guest's name and one on the watch list are.
    Likeness {
    /// Written alike.
    Same = "same",
    /// Written otherwise, and sounding alike.
    Sound = "sound",
    /// One slip of the pen apart.
    Similar = "similar",
});

column_words!(/// How far the key booking of a visit got.
    KeysState {
    /// It was asked for; whether it came about is not known yet, and nobody was told.
    Asked = "asked",
    /// It came about, and the guest is shown it.
    Booked = "booked",
    /// It came about, and goes with the visit no more: it was called off, or others were booked when it was over.
    Ended = "ended",
});

column_words!(/// How a guest signed.
    SigningWay {
    /// By hand: finger, pen or mouse.
    Drawn = "drawn",
    /// By typing their name.
    Typed = "typed",
});

column_words!(/// How far the printing of a badge got.
    BadgeState {
    /// Not sent yet.
    Waiting = "waiting",
    /// Perhaps sent: the printer has not answered yet.
    Sending = "sending",
    /// The printer has it.
    Printing = "printing",
    /// It came out.
    Printed = "printed",
    /// The printer gave it up.
    Failed = "failed",
    /// It was not printed, for the guest had left or was forgotten, its printer was removed, or another took over.
    Dropped = "dropped",
});

impl BadgeState {
    /// Whether something can still come of it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Sending | Self::Printing)
    }
}

column_words!(/// What stands in the way of printing.
    Trouble {
    /// Nothing answers at the address.
    Unreachable = "unreachable",
    /// The address is in a network into which the operator lets nobody connect.
    NotAllowed = "not_allowed",
    /// Its certificate is not trusted, or it wants an encrypted connection.
    Certificate = "certificate",
    /// It wants a name and a password, or others.
    Password = "password",
    /// What answers there is no printer.
    NoPrinter = "no_printer",
    /// It takes nothing that we make.
    NoFormat = "no_format",
    /// Other paper lies in it.
    OtherPaper = "other_paper",
    /// No paper.
    PaperOut = "paper_out",
    /// Paper is stuck.
    Jam = "jam",
    /// A cover is open.
    Open = "open",
    /// Toner or ink is used up.
    Ink = "ink",
    /// It has been stopped.
    Stopped = "stopped",
    /// It refused the document.
    Refused = "refused",
});
