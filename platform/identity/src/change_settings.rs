//! Changing the tenant's rules about its people, without locking oneself out.

use sekisho_kernel::{AuditEntry, Cx, FieldError};
use serde::Deserialize;

use crate::Identity;
use crate::administrator::Administrator;
use crate::error::refusals;
use crate::events::SettingsChanged;
use crate::session::FRESH;
use crate::settings::{NetworksError, read_networks};

refusals! {
    /// Why the settings were not changed.
    ChangeSettingsError {
        /// Who one is has to be proved again first.
        StepUp => Denied, "identity-step-up-needed", "a fresh proof is needed";
        /// Fields are wrong.
        Invalid(fields: Vec<FieldError>) => Invalid(fields.clone()), "error-invalid", "invalid settings";
    }
}

/// The settings as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SettingsEdit {
    /// Everybody proves a second factor.
    pub two_step: bool,
    /// One address or range a line.
    pub admin_networks: String,
    /// Reveals before a fresh proof.
    pub reveal_limit: u32,
    /// Days until a leaver is deleted.
    pub keep_leavers_days: u32,
}

impl Identity {
    /// Changes the settings. With a second factor in use a fresh proof is needed.
    pub async fn change_settings(
        &self,
        cx: &Cx,
        by: Administrator,
        edit: &SettingsEdit,
    ) -> Result<(), ChangeSettingsError> {
        let tenant = self.tenant(cx).await?;
        if by.person.is_some() && !cx.proven_within(FRESH) {
            return Err(ChangeSettingsError::StepUp);
        }
        let mut wrong = Vec::new();
        let networks = read_networks(&edit.admin_networks, cx.address).unwrap_or_else(|error| {
            let text = match error {
                NetworksError::Unreadable(_) => "identity-networks-unreadable",
                NetworksError::LocksOut(_) => "identity-networks-lock-out",
            };
            wrong.push(FieldError { field: "admin_networks", text });
            Vec::new()
        });
        if !(1..=1000).contains(&edit.reveal_limit) {
            wrong.push(FieldError { field: "reveal_limit", text: "identity-reveal-limit-bad" });
        }
        if !(1..=366).contains(&edit.keep_leavers_days) {
            wrong.push(FieldError { field: "keep_leavers_days", text: "identity-keep-leavers-bad" });
        }
        if !wrong.is_empty() {
            return Err(ChangeSettingsError::Invalid(wrong));
        }
        let mut settings = tenant.settings.clone();
        settings.two_step = edit.two_step;
        settings.admin_networks = networks;
        settings.reveal_limit = edit.reveal_limit;
        settings.keep_leavers_days = edit.keep_leavers_days;
        let mut tx = self.store().begin(cx).await?;
        self.save_settings(&mut tx, &settings).await?;
        tx.publish(&SettingsChanged { by: by.person }).await?;
        let entry = AuditEntry::done("tenant.settings_change").on("tenant", cx.tenant, tenant.name.clone());
        tx.commit(entry.with("before", &tenant.settings).with("after", &settings)).await?;
        Ok(())
    }
}
