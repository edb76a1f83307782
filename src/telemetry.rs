//! Logs and metrics. Logs hold ids, codes and times; a person's data never enters them, because nothing that prints a person prints more than a mask.

use std::panic::PanicHookInfo;
use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat};

static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Sends log lines to standard error. A second call changes nothing, so several servers can live in one process.
pub fn log_to_stderr(log: &Log) -> Result<(), String> {
    // Without a level EnvFilter would log errors only.
    let filter = std::env::var("RUST_LOG")
        .ok()
        .map_or_else(|| EnvFilter::try_new(&log.level), EnvFilter::try_new)
        .map_err(|error| format!("log.level: {error}"))?;
    // What strangers send below HTTP is told to them by a 400, and must not fill the log as errors.
    let filter = "actix_http=off".parse().map(|quiet| filter.add_directive(quiet)).map_err(|error| format!("log.level: {error}"))?;
    let registry = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let begun = match log.format {
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
        LogFormat::Text => registry.with(lines).try_init(),
    };
    // Already begun is as good as begun.
    let _ = begun;
    Ok(())
}

/// Lets a panic tell the log where it happened and what the program's own words for it are. A message that was put together at run time may quote what a
/// person sent, so it is left out.
pub fn keep_panics_quiet() {
    std::panic::set_hook(Box::new(|panic: &PanicHookInfo<'_>| {
        let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line())).unwrap_or_default();
        let words = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("(its message is not shown)");
        let thread = std::thread::current();
        tracing::error!(place, words, thread = thread.name().unwrap_or_default(), "a thread panicked");
    }));
}

/// Begins to count. Everything counted before is lost, so this comes first.
pub fn count() {
    METRICS.get_or_init(|| {
        let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
        let sizes = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &seconds)
            .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_size".into()), &sizes));
        builder.ok().and_then(|builder| builder.install_recorder().ok())
    });
}

/// All metrics as Prometheus reads them.
pub fn render() -> String {
    METRICS.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default()
}
