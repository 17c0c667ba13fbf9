//! What the platform's own rooms bring to the server.

use std::sync::Arc;
use std::time::Duration;

use sekisho_audit::Audit;
use sekisho_rights::{NamesOfIdentity, Rights};
use sekisho_storage::jobs::Handlers;

use crate::foundation::Foundation;
use crate::happened::Happened;
use crate::mount::{Mount, Task};
use crate::names::KnownNames;
use crate::needs::{DeadLetters, EndingRights, HaltedRollouts, Mistakes, SilentDevices};
use crate::sweep::Sweep;
use crate::{first_hour, gallery, halted, search, settings};

/// How often entries are folded into the record's tree and its head is signed.
const FOLD_EVERY: Duration = Duration::from_secs(1);
/// How often messages of long ago are removed.
const TIDY_EVERY: Duration = Duration::from_secs(3600);

/// How often sessions, codes and links that ended long ago are cleared away.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// Everything below the modules.
pub(crate) fn platform(foundation: &Foundation) -> Mount {
    let mut whole = Mount { sealed: sekisho_web::SEALED.to_vec(), ..Mount::default() };
    for room in [
        people(foundation),
        rights(foundation),
        places(foundation),
        record(foundation),
        notices(foundation),
        devices(foundation),
    ] {
        whole.absorb(room);
    }
    whole.absorb(Mount {
        first_hour: first_hour::platform(foundation),
        seekers: search::platform(foundation),
        settings: settings::PLATFORM.to_vec(),
        samples: gallery::samplers(),
        today: vec![
            Arc::new(EndingRights(foundation.clone())),
            Arc::new(SilentDevices(foundation.clone())),
            Arc::new(HaltedRollouts(foundation.clone())),
            Arc::new(DeadLetters(foundation.clone())),
        ],
        ..Mount::default()
    });
    whole
}

fn people(Foundation { identity, .. }: &Foundation) -> Mount {
    let mut handlers = Handlers::default();
    identity.jobs(&mut handlers);
    let room = identity.clone();
    let prune = Sweep::new("identity.prune", PRUNE_EVERY, move |cx: sekisho_kernel::Cx| {
        let room = room.clone();
        async move { room.prune(&cx).await.map_err(|error| error.to_string()) }
    });
    Mount {
        sweeps: vec![prune],
        routes: vec![sekisho_identity::routes(identity.clone())],
        nav: sekisho_identity::nav(),
        sealed: sekisho_identity::sealed_columns(),
        texts: vec![sekisho_identity::texts()],
        samples: sekisho_identity::samplers(),
        handlers,
        ..Mount::default()
    }
}

fn rights(Foundation { store, policy, identity, .. }: &Foundation) -> Mount {
    let names = NamesOfIdentity { identity: identity.clone(), store: store.clone() };
    let rights = Rights::new(store.clone(), policy.clone(), Arc::new(names));
    Mount {
        routes: vec![rights.routes()],
        nav: vec![sekisho_rights::nav()],
        texts: vec![sekisho_rights::texts()],
        samples: sekisho_rights::samplers(),
        ..Mount::default()
    }
}

fn places(Foundation { places, .. }: &Foundation) -> Mount {
    Mount {
        routes: vec![places.routes()],
        texts: vec![sekisho_places::texts()],
        samples: sekisho_places::samplers(),
        ..Mount::default()
    }
}

fn record(foundation: &Foundation) -> Mount {
    let Foundation { store, vault, world, identity, devices, policy, .. } = foundation;
    let names = KnownNames {
        store: store.clone(),
        identity: identity.clone(),
        devices: devices.clone(),
        policy: policy.clone(),
    };
    let audit = Audit::new(store.clone(), vault.clone(), Arc::new(names), world.clone());
    let sequencer = audit.sequencer.clone();
    let fold = Sweep::whole("audit.fold", FOLD_EVERY, move || {
        let sequencer = sequencer.clone();
        async move { sequencer.fold_all().await.map(drop).map_err(|error| error.to_string()) }
    });
    Mount {
        today: vec![Arc::new(Happened(audit.clone())), Arc::new(Mistakes(audit.clone()))],
        routes: vec![audit.routes()],
        nav: vec![sekisho_audit::nav()],
        sealed: sekisho_audit::SEALED.to_vec(),
        texts: vec![sekisho_audit::texts()],
        samples: sekisho_audit::samplers(),
        sweeps: vec![fold],
        ..Mount::default()
    }
}

fn notices(Foundation { notify, identity, .. }: &Foundation) -> Mount {
    let runner = notify.clone();
    let mut handlers: Handlers = notify.jobs();
    sekisho_notify::hear_of_people(notify, identity, &mut handlers);
    let tidier = notify.clone();
    let tidy = Sweep::new("notify.tidy", TIDY_EVERY, move |cx: sekisho_kernel::Cx| {
        let notify = tidier.clone();
        async move { notify.tidy(&cx).await.map_err(|error| error.to_string()) }
    });
    Mount {
        routes: vec![notify.routes()],
        nav: sekisho_notify::nav(notify),
        sealed: sekisho_notify::tables::SEALED.to_vec(),
        texts: vec![sekisho_notify::texts()],
        samples: sekisho_notify::samplers(),
        handlers,
        subscriptions: sekisho_notify::SUBSCRIPTIONS.to_vec(),
        sweeps: vec![tidy],
        tasks: vec![Task::new("notify", move |stop| async move { runner.run(stop).await })],
        ..Mount::default()
    }
}

fn devices(foundation: &Foundation) -> Mount {
    let Foundation { devices, notify, .. } = foundation;
    let mut handlers = Handlers::default();
    halted::hear(foundation, &mut handlers);
    notify.offer(&[halted::KIND]);
    Mount {
        handlers,
        subscriptions: vec![halted::SUBSCRIPTION],
        routes: vec![devices.routes()],
        nav: vec![sekisho_devices::nav()],
        sealed: sekisho_devices::SEALED.to_vec(),
        texts: vec![sekisho_devices::texts()],
        samples: sekisho_devices::samplers(),
        ..Mount::default()
    }
}
