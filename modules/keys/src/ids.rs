//! The ids of the trade. A key, a box and a group are also resources of the policy: same UUID, other type.

use sekisho_kernel::{ResourceId, typed_id};

typed_id!(/// A SmartBox.
    BoxId);
typed_id!(/// One bin of a box.
    BinId);
typed_id!(/// A key (with its fob).
    KeyId);
typed_id!(/// A named group of keys.
    KeyGroupId);
typed_id!(/// The time from a key's release to its return.
    LoanId);
typed_id!(/// A booked period for one key or more.
    BookingId);
typed_id!(/// A code that shows whether a key is there, and gives it out once.
    KeycodeId);
typed_id!(/// A hand-over in progress between two people.
    HandOverId);
typed_id!(/// Something that is wrong with a key, a bin or a box.
    IncidentId);
typed_id!(/// A rule that tells people of events.
    AlertId);
typed_id!(/// A picture that a box's camera took.
    PictureId);
typed_id!(/// A conversation at a box's panel.
    PanelSessionId);

macro_rules! resource {
    ($($name:ident),*) => {$(
        impl $name {
            /// The same thing as the policy knows it.
            pub fn resource(self) -> ResourceId {
                ResourceId(self.0)
            }
        }
        impl From<ResourceId> for $name {
            fn from(id: ResourceId) -> Self {
                Self(id.0)
            }
        }
    )*};
}
resource!(BoxId, KeyId, KeyGroupId);
