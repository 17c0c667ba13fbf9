//! The ids of the reception.

use sekisho_kernel::typed_id;

typed_id!(/// An appointment: who comes to whom, where and when.
    AppointmentId);
typed_id!(/// Appointments that one rule made.
    SeriesId);
typed_id!(/// One guest at one occurrence.
    VisitId);
typed_id!(/// A guest whom the tenant knows.
    GuestId);
typed_id!(/// A reception terminal.
    TerminalId);
typed_id!(/// A delivery handed in at the reception.
    DropOffId);
typed_id!(/// An entry of the watch list.
    WatchEntryId);
typed_id!(/// An agreement that guests sign.
    AgreementId);
typed_id!(/// A signature of a guest.
    SigningId);
typed_id!(/// A room of a site.
    RoomId);
typed_id!(/// A printer for badges.
    PrinterId);
typed_id!(/// A wish to have a badge printed.
    BadgeId);
typed_id!(/// A mailbox or collection from which appointments are read.
    CalendarId);
typed_id!(/// What became of an event of somebody's calendar.
    CalendarItemId);
