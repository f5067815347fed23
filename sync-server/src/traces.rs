//! Traces of what the relay does, for a collector (OpenTelemetry, OTLP over HTTP), where one is configured: a span for each
//! request, line, group of rows that is committed, snapshot and letter. They tell which address was asked for as it is declared,
//! ids of documents and projects, counts and times; nobody's name, text or token, and nothing that a client has made up.
//!
//! Spans have a target of their own, which nothing listens to where there is no collector: making one is then the look at a
//! flag. With one, they wait in a queue with a bound, for a thread that sends them; when it is full or the collector gone,
//! they are lost, and nothing else is.

use crate::{
    config,
    http::{Api, extract::Peer},
};
use anyhow::{Context as _, Result};
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, Method},
    middleware::Next,
    response::Response,
};
use opentelemetry::{
    Context,
    propagation::{Extractor, TextMapPropagator},
    trace::{TraceContextExt, TracerProvider},
};
use opentelemetry_otlp::{SpanExporter as Otlp, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter},
};
use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};
use tracing::{Instrument, Span, field::Empty, info_span, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, filter_fn},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// What spans are made under, and nothing else is.
const TARGET: &str = "quire_relay::spans";
/// A collector that has not answered by then is given up; so long are spans lost behind a slow one.
const ANSWER: Duration = Duration::from_secs(5);
/// At the end the collector has so long to take what waits.
const FAREWELL: Duration = Duration::from_secs(3);
/// Where a collector takes traces, behind its address.
const PATH: &str = "/v1/traces";

/// What leads to the collector, if there is one.
#[derive(Debug)]
pub struct Traces(Option<SdkTracerProvider>);

/// Begin to log, what `log` lets through, to the standard error; and to send traces, if a collector is named. Once for a process.
///
/// # Errors
/// When there is no way to a collector of this address.
pub fn start(log: EnvFilter, settings: &config::Traces) -> Result<Traces> {
    let provider = settings.is_set().then(|| provider(settings)).transpose()?;
    let spans = provider.as_ref().map(|provider| {
        let is_ours = filter_fn(|about| about.is_span() && about.target() == TARGET);
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("quire-relay"))
            .with_context_activation(false)
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(is_ours.with_max_level_hint(LevelFilter::INFO))
    });
    let log = log.and(filter_fn(|about| about.target() != TARGET));
    let lines = fmt::layer().with_writer(std::io::stderr).with_filter(log);
    tracing_subscriber::registry().with(spans).with(lines).init();
    Ok(Traces(provider))
}

impl Traces {
    /// Send what waits. Waits for a moment, not for ever.
    pub async fn end(self) {
        let Some(provider) = self.0 else { return };
        let farewell = move || provider.shutdown_with_timeout(FAREWELL);
        if !matches!(tokio::task::spawn_blocking(farewell).await, Ok(Ok(()))) {
            tracing::warn!("the last traces were not taken by the collector");
        }
    }
}

fn provider(settings: &config::Traces) -> Result<SdkTracerProvider> {
    let mut endpoint = settings.endpoint.trim_end_matches('/').to_owned();
    if !endpoint.ends_with(PATH) {
        endpoint += PATH;
    }
    // A client that waits is not made within a runtime. A redirect would lead our headers to who knows whom.
    let client = thread::spawn(|| {
        reqwest::blocking::Client::builder()
            .timeout(ANSWER)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("quire-relay/", env!("CARGO_PKG_VERSION")))
            .build()
    });
    let client = client.join().ok().context("the way to the collector of traces")??;
    let headers = settings.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let exporter = Otlp::builder()
        .with_http()
        .with_http_client(client)
        .with_endpoint(endpoint)
        .with_headers(headers.collect::<HashMap<_, _>>())
        .with_timeout(ANSWER)
        .build()
        .context("the way to the collector of traces")?;
    let resource = Resource::builder()
        .with_service_name(settings.service.clone())
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let share = f64::from(settings.per_thousand) / 1000.0;
    Ok(SdkTracerProvider::builder()
        .with_resource(resource)
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share))))
        .with_batch_exporter(Calm { collector: exporter, is_lost: AtomicBool::new(false) })
        .build())
}

/// Tells once that the collector does not take traces, and once that it does again.
#[derive(Debug)]
struct Calm {
    collector: Otlp,
    is_lost: AtomicBool,
}

impl SpanExporter for Calm {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.collector.export(batch).await;
        match (&result, self.is_lost.swap(result.is_err(), Ordering::Relaxed)) {
            (Err(_), false) => tracing::warn!(
                "the collector does not take traces: they are lost until it does, and nothing else is"
            ),
            (Ok(()), true) => tracing::info!("the collector takes traces again"),
            _ => {}
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.collector.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.collector.set_resource(resource);
    }
}

/// What something was done for, to be the parent of what is done later or elsewhere, without holding it up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cause(Context);

impl Cause {
    /// What is being done now.
    pub(crate) fn now() -> Self {
        let span = Span::current();
        if span.is_none() { Self::default() } else { Self(span.context()) }
    }

    fn of(self, span: Span) -> Span {
        if !span.is_disabled() && self.0.span().span_context().is_valid() {
            // The span is new, so that it takes a parent.
            let _ = span.set_parent(self.0);
        }
        span
    }
}

/// A request's method, if it is one that is known: anybody can make up others.
pub(crate) fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// A span for each request. What a proxy of ours says of the trace that it belongs to is taken; of others, nothing.
pub(crate) async fn of_request(State(api): State<Api>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", MatchedPath::as_str).to_owned();
    if matches!(&*route, "/health" | "/ready" | "/metrics") {
        return next.run(request).await;
    }
    let method = known(request.method());
    let span = info_span!(
        target: TARGET,
        parent: None,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
    );
    let peer = request.extensions().get::<Peer>().map(|Peer(peer)| peer.ip().to_canonical());
    if peer.is_some_and(|peer| api.config.trusted_proxies.contains(&peer)) {
        let said = TraceContextPropagator::new();
        Cause(said.extract_with_context(&Context::new(), &Said(request.headers())))
            .of(span.clone());
    }
    let response = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());
    if response.status().is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    response
}

/// The headers of a request, for who looks for `traceparent` in them.
struct Said<'h>(&'h HeaderMap);

impl Extractor for Said<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}

/// A line while it is open.
pub(crate) struct OfLine(Span);

impl OfLine {
    /// One to a document, which the request that is being served opens.
    pub(crate) fn to_document(document: &str) -> Self {
        let span = info_span!(target: TARGET, parent: None, "line", document, close = Empty);
        Self(Cause::now().of(span))
    }

    /// One to a project.
    pub(crate) fn to_project(project: &str) -> Self {
        let span = info_span!(target: TARGET, parent: None, "channel", project, close = Empty);
        Self(Cause::now().of(span))
    }

    /// It is closed with this code; without one it was cut.
    pub(crate) fn closed(self, code: Option<u16>) {
        match code {
            Some(code) => self.0.record("close", code),
            None => self.0.record("close", "cut"),
        };
    }
}

/// One transaction of the archive, with so many jobs, and so many rows of so many bytes among them.
pub(crate) fn of_commit(jobs: usize, rows: impl Iterator<Item = usize>) -> Outcome {
    let span = info_span!(
        target: TARGET,
        parent: None,
        "commit",
        jobs,
        rows = Empty,
        bytes = Empty,
        otel.status_code = Empty,
    );
    if !span.is_disabled() {
        let (mut count, mut bytes) = (0_u64, 0_u64);
        for length in rows {
            count += 1;
            bytes += length as u64;
        }
        span.record("rows", count).record("bytes", bytes);
    }
    Outcome(span)
}

/// A snapshot of a document up to a row.
pub(crate) fn of_snapshot(document: &str, up_to: u64) -> Outcome {
    Outcome(info_span!(
        target: TARGET, parent: None, "snapshot", document, up_to, otel.status_code = Empty
    ))
}

/// A letter, until it is sent or given up.
pub(crate) fn of_letter(cause: Cause) -> Outcome {
    let span = info_span!(
        target: TARGET,
        parent: None,
        "letter",
        otel.kind = "client",
        attempts = Empty,
        otel.status_code = Empty,
    );
    Outcome(cause.of(span))
}

/// What is done by now, or has failed.
pub(crate) struct Outcome(Span);

impl Outcome {
    /// How often it was tried.
    pub(crate) fn attempts(&self, attempts: usize) {
        self.0.record("attempts", attempts);
    }

    /// It is over.
    pub(crate) fn ends(self, is_good: bool) {
        if !is_good {
            self.0.record("otel.status_code", "ERROR");
        }
    }
}
