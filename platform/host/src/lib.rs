//! Mounts modules into a running server: routes, migrations, jobs, sweeps, facts and who listens, devices and who answers
//! them. The server and the tests use the same [`Host`], so that a test never copies the wiring.

mod erase_tenant;
mod fault;
mod first_hour;
mod foundation;
mod gallery;
mod halted;
mod happened;
mod host;
mod mount;
mod names;
mod needs;
mod open_files;
mod rooms;
mod search;
mod settings;
mod sweep;
mod today;

pub use erase_tenant::EraseTenantError;
pub use fault::Fault;
pub use first_hour::FirstStep;
pub use foundation::{Foundation, FoundationOptions, OpenError, migrations};
pub use host::Host;
pub use mount::{Mount, Task};
pub use open_files::raise_open_files;
pub use search::{Found, Seek, Wanted};
pub use settings::{SettingsEntry, SettingsGroup};
pub use sweep::{Sweep, Sweeper, WholeSweeper};
pub use today::{Question, TodayCard};

/// The texts of the first page.
pub fn texts() -> sekisho_web::TextSource {
    sekisho_web::TextSource {
        module: "host",
        ja: include_str!("../texts/ja.ftl"),
        en: include_str!("../texts/en.ftl"),
        zh: "",
        ko: "",
    }
}
