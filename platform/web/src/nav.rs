//! The entries of the rail.

/// One entry of the left rail, or of the bar at the bottom of a phone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NavItem {
    /// Where it stands: Today 0, Keys 10, Doors 20, Visitors 30, Connections 40, Safety 50, People 60, Devices 70,
    /// Record 80, Settings 90.
    pub order: u16,
    /// The id of its text.
    pub text: &'static str,
    /// Where it leads; it is marked on every page whose path begins so.
    pub href: &'static str,
    /// Name of an icon of the sprite (see `islands/icons.txt`).
    pub icon: &'static str,
    /// Hidden from everybody else.
    pub administrator_only: bool,
}
