//! An administrator changes schedules and holiday calendars. The route admits administrators only.

use sekisho_kernel::{AuditEntry, Cx};
use sekisho_policy::{CalendarId, Holiday, NewSchedule, ScheduleId};

use crate::{Rights, RightsError};

impl Rights {
    /// Saves a schedule, new or anew. Everybody whose grants name it follows at once.
    pub async fn save_schedule(
        &self,
        cx: &Cx,
        id: Option<ScheduleId>,
        new: NewSchedule,
    ) -> Result<ScheduleId, RightsError> {
        let entry = AuditEntry::done("schedule.change").with("terms", &new);
        let name = new.name.clone();
        let mut tx = self.store.begin(cx).await?;
        let id = self.policy.save_schedule(&mut tx, id, new).await?;
        tx.commit(entry.on("schedule", id, name)).await?;
        Ok(id)
    }

    /// Removes a schedule that no grant uses.
    pub async fn remove_schedule(&self, cx: &Cx, id: ScheduleId) -> Result<(), RightsError> {
        let mut tx = self.store.begin(cx).await?;
        let name = self.policy.schedule(&tx, id).await?.terms.name;
        self.policy.remove_schedule(&mut tx, id).await?;
        Ok(tx.commit(AuditEntry::done("schedule.remove").on("schedule", id, name)).await?)
    }

    /// Saves a holiday calendar, new or anew.
    pub async fn save_calendar(
        &self,
        cx: &Cx,
        id: Option<CalendarId>,
        name: &str,
        days: Vec<Holiday>,
    ) -> Result<CalendarId, RightsError> {
        let entry = AuditEntry::done("calendar.change").with("days", &days);
        let mut tx = self.store.begin(cx).await?;
        let id = self.policy.save_calendar(&mut tx, id, name, days).await?;
        tx.commit(entry.on("calendar", id, name)).await?;
        Ok(id)
    }
}
