//! Mounts modules into a running server: routes, migrations, jobs, policies, topics.
