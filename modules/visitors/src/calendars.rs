//! Appointments by calendar: a mailbox to which people send invitations, and calendars that are read.

pub mod invitation;
pub mod letter;
pub mod sender;
