//! The module over HTTP and through its use cases, on SQLite and PostgreSQL.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test code: a failure here is the test's failure"
)]

#[macro_use(story)]
extern crate sekisho_testkit;

mod appointments;
mod asked;
mod badges;
mod badges_hostile;
mod badges_unsure;
mod caldav;
mod calendars;
mod cancel_series;
mod change_guest;
mod change_series;
mod check_in;
mod clocks;
mod desk;
mod erase_guest;
mod imap;
mod import_appointments;
mod keys;
mod listing;
mod lobby;
mod messages;
mod nda;
mod pages;
mod pcl;
mod photo;
mod printer;
mod races;
mod reception;
mod registration;
mod registration_asks;
mod retention;
mod rooms;
mod rooms_form;
mod scene;
mod series;
mod series_guests;
mod series_telling;
mod series_words;
mod several_days;
mod statistics;
mod tablet;
mod telling;
mod terminal;
mod watch;
mod watch_asked;
mod watch_list;
mod watch_marks;
