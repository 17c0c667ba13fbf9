//! Key cabinets: who may take which key, when; taken, returned, overdue.
