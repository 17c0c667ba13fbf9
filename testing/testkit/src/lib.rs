//! A whole server for module tests: mounted through the same host as the real one, with its own store, a clock that tests
//! move, and clients that sign in.
//!
//! ```text
//! let server = TestServer::start(Engine::Sqlite, migrations(), |foundation| vec![keys_mount(foundation)]).await;
//! let page = server.administrator().await.get("/keys").await.ok();
//! server.advance(hours(2)).await;            // moves the clock, then settles
//! server.settle().await;                     // runs sweeps, jobs and messages until nothing is due
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code: a failure here is the test's failure"
)]

mod client;
mod described;
mod server;
pub mod tablet;
mod told;

pub use client::{Answer, Client};
pub use sekisho_storage::Engine;
pub use server::{Colleague, TestServer, hours, minutes};

/// Tells a story on both engines, as two tests: `story!(name, |scene| { … });` The file has a `Scene` with `on(engine)` in
/// scope.
#[macro_export]
macro_rules! story {
    ($name:ident, |$scene:ident| $body:expr) => {
        mod $name {
            #[allow(
                unused_imports,
                clippy::allow_attributes,
                reason = "a story need not use the imports around it"
            )]
            use super::*;
            async fn told($scene: Scene) {
                $body
            }
            #[tokio::test]
            async fn on_sqlite() {
                told(Scene::on($crate::Engine::Sqlite).await).await;
            }
            #[tokio::test]
            async fn on_postgres() {
                told(Scene::on($crate::Engine::Postgres).await).await;
            }
        }
    };
}
