//! The edge agent beside cabinets and doors: device logic, drivers, panel.
