//! The edge agent beside cabinets and doors: device logic, drivers, panel.
//!
//! [`box_logic`] decides and knows no socket; [`driver`], [`link`], [`journal`] and [`panel`] are its hands, line, memory
//! and face; [`running`] carries what happens from one to the other; [`spool`] keeps sealed pictures; [`updates`] changes the program; [`fleet`] makes boxes that exist only here.

pub mod box_logic;
pub mod driver;
pub mod enrol;
mod files;
pub mod fleet;
pub mod home;
pub mod journal;
pub mod link;
pub mod panel;
pub mod running;
pub mod spool;
pub mod updates;
