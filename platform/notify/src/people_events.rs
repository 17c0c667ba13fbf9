//! What is told to people about their own accounts: invitations, codes, locks.

use sekisho_storage::jobs::Handlers;

use crate::Notify;

impl Notify {
    /// Adds the handlers of facts about people.
    pub(crate) fn hear_of_people(&self, _handlers: &mut Handlers) {}
}
