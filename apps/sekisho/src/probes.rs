//! Probes and metrics, on a listener of their own that stays on loopback.

use std::sync::OnceLock;

use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use sekisho_storage::Store;
use tokio_util::sync::CancellationToken;

/// One recorder a process, whatever is started in it.
static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// `/healthz`: the process lives. `/readyz`: the store answers and nobody asked the server to stop. `/metrics`: for
/// Prometheus.
pub(crate) fn router(store: Store, draining: CancellationToken) -> anyhow::Result<Router> {
    let handle = match METRICS.get() {
        Some(handle) => handle.clone(),
        None => {
            let handle = PrometheusBuilder::new().install_recorder().context("metrics cannot be kept")?;
            METRICS.get_or_init(|| handle).clone()
        }
    };
    Ok(Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(move || async move { handle.render() }))
        .with_state((store, draining)))
}

async fn ready(State((store, draining)): State<(Store, CancellationToken)>) -> (StatusCode, &'static str) {
    if draining.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    match store.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
        }
    }
}
