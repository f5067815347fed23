//! What the relay tells of itself in numbers, for Prometheus: how many requests and how long they take, who is connected,
//! how long it takes until an edit is on the disk, and how many wait for that. Nobody's text or name is in it, but who reads
//! it sees how much is written and when, so that strangers do not.

use crate::{
    http::{
        Api,
        extract::Caller,
        problem::{Kind, Problem},
    },
    traces,
};
use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};
use std::{
    sync::atomic::AtomicU64,
    time::{Duration, Instant},
};

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Counted {
    method: String,
    /// As it is declared, so that ids make no series of their own.
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Timed {
    method: String,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Direction {
    direction: &'static str,
}

/// What went one way. Looked up once, because a frame costs little more than that.
#[derive(Default)]
struct Way {
    frames: Counter,
    bytes: Counter,
}

impl Way {
    fn put(&self, frames: usize, bytes: usize) {
        self.frames.inc_by(frames as u64);
        self.bytes.inc_by(bytes as u64);
    }
}

/// All numbers.
pub struct Metrics {
    registry: Registry,
    requests: Family<Counted, Counter>,
    request_seconds: Family<Timed, Histogram>,
    received: Way,
    sent: Way,
    held_back: Counter,
    committed: Counter,
    not_committed: Counter,
    commit_seconds: Histogram,
    backlog: Gauge,
    rooms: Gauge,
    lines: Gauge,
    channels: Gauge,
    connections: Gauge,
    memory: Gauge,
    cpu_seconds: Counter<f64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("quire_relay");
        let seconds = || Histogram::new(exponential_buckets(0.0005, 2.0, 16));
        let (frames, bytes) =
            (Family::<Direction, Counter>::default(), Family::<Direction, Counter>::default());
        let way = |direction| {
            let direction = Direction { direction };
            Way {
                frames: frames.get_or_create(&direction).clone(),
                bytes: bytes.get_or_create(&direction).clone(),
            }
        };
        let metrics = Self {
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(seconds),
            received: way("in"),
            sent: way("out"),
            held_back: Counter::default(),
            committed: Counter::default(),
            not_committed: Counter::default(),
            commit_seconds: seconds(),
            backlog: Gauge::default(),
            rooms: Gauge::default(),
            lines: Gauge::default(),
            channels: Gauge::default(),
            connections: Gauge::default(),
            memory: Gauge::default(),
            cpu_seconds: Counter::default(),
            registry: Registry::default(),
        };
        let m = &metrics;
        registry.register("requests", "Requests by address and status", m.requests.clone());
        registry.register_with_unit(
            "request_duration",
            "How long requests take; of lines, until they are open",
            Unit::Seconds,
            m.request_seconds.clone(),
        );
        registry.register("frames", "Frames on lines to documents", frames.clone());
        registry.register_with_unit(
            "frame",
            "Bytes of frames on lines to documents",
            Unit::Bytes,
            bytes.clone(),
        );
        registry.register(
            "frames_held_back",
            "Frames that were not read at once because their sender sends too many",
            m.held_back.clone(),
        );
        registry.register("updates_kept", "Updates that are on the disk", m.committed.clone());
        registry.register(
            "updates_not_kept",
            "Updates that the disk did not take",
            m.not_committed.clone(),
        );
        registry.register_with_unit(
            "commit_duration",
            "From an update's being taken until it is on the disk",
            Unit::Seconds,
            m.commit_seconds.clone(),
        );
        registry.register("backlog", "Updates on their way to the disk", m.backlog.clone());
        registry.register("rooms", "Documents that are open", m.rooms.clone());
        registry.register(
            "lines",
            "Documents and projects that somebody has open",
            m.lines.clone(),
        );
        registry.register("channels", "Lines to projects", m.channels.clone());
        registry.register(
            "connections",
            "Lines and requests at once, and documents that are open over their project's line",
            m.connections.clone(),
        );
        registry.register_with_unit(
            "resident_memory",
            "Memory of the process",
            Unit::Bytes,
            m.memory.clone(),
        );
        registry.register_with_unit(
            "cpu",
            "Time of processors that the process has taken",
            Unit::Seconds,
            m.cpu_seconds.clone(),
        );
        Self { registry, ..metrics }
    }
}

impl Metrics {
    /// A frame came.
    pub fn received(&self, bytes: usize) {
        self.received.put(1, bytes);
    }

    /// Frames were sent.
    pub fn sent(&self, frames: usize, bytes: usize) {
        self.sent.put(frames, bytes);
    }

    /// A frame is not read yet.
    pub fn held_back(&self) {
        self.held_back.inc();
    }

    /// An update is on its way to the disk.
    pub fn appended(&self) {
        self.backlog.inc();
    }

    /// It is there, or is not.
    pub fn answered(&self, is_kept: bool, after: Duration) {
        self.backlog.dec();
        if is_kept { &self.committed } else { &self.not_committed }.inc();
        self.commit_seconds.observe(after.as_secs_f64());
    }

    fn text(&self, api: &Api) -> Result<String, std::fmt::Error> {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.rooms.set(count(api.rooms.len()));
        self.lines.set(count(api.lines.len()));
        self.channels.set(count(api.channels.listeners()));
        let free = api.places.available_permits();
        self.connections.set(count(api.config.limits.connections.saturating_sub(free)));
        if let Some((memory, cpu_seconds)) = of_process() {
            self.memory.set(memory);
            let news = cpu_seconds - self.cpu_seconds.get();
            self.cpu_seconds.inc_by(news.max(0.0));
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Resident bytes and seconds of processors, where the system tells.
fn of_process() -> Option<(i64, f64)> {
    let pages: i64 =
        std::fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()?;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name of the program, which may hold anything; in hundredths of a second on every Linux.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((pages * 4096, (user + system) / 100.0))
}

/// Requests are counted and timed.
pub async fn measured(State(api): State<Api>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", MatchedPath::as_str).to_owned();
    let method = traces::known(request.method()).to_owned();
    let start = Instant::now();
    let response = next.run(request).await;
    let timed = Timed { method: method.clone(), route: route.clone() };
    let seconds = start.elapsed().as_secs_f64();
    api.metrics.request_seconds.get_or_create(&timed).observe(seconds);
    let status = response.status().as_u16();
    api.metrics.requests.get_or_create(&Counted { method, route, status }).inc();
    response
}

/// `GET /metrics`, for administrators: a personal token of one is what a scraper is given.
pub async fn for_administrators(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Response, Problem> {
    caller.as_admin()?;
    answer(&api)
}

/// The same for whoever reaches an address that only the operator's programs do.
pub fn router(api: Api) -> Router {
    let read = async |State(api): State<Api>| answer(&api);
    Router::new().route("/metrics", get(read)).with_state(api)
}

fn answer(api: &Api) -> Result<Response, Problem> {
    let text = api.metrics.text(api);
    let text = text.map_err(|error| Problem::new(Kind::Internal, error.to_string()))?;
    Ok(([("content-type", CONTENT_TYPE)], text).into_response())
}
