//! What is measured of each server.

use crate::{
    crowd::{Crowd, Writer, Written, join, open},
    dialect::{Dialect, Heard},
    report::{Bar, Report, quantile},
    server::{Door, KINDS, Kind, Programs, Server},
};
use anyhow::{Context, Result, ensure};
use futures_util::{SinkExt, StreamExt};
use quire_collab::{
    Change, ClientId, Replica, TextDocument,
    frames::{self, Origin},
};
use std::{
    io::BufReader,
    path::Path,
    time::{Duration, Instant},
};
use tokio_tungstenite::tungstenite::Message;

/// Those who write among many.
const WRITERS: usize = 20;
/// Keys a second, of all writers together: five people who type.
const KEYS_PER_SECOND: u32 = 20;
/// Keys of each writer on their way, where it is to go as fast as it can.
const WINDOW: u32 = 16;
/// Rooms with one line each.
const ROOMS: u32 = 500;
const JOINS: usize = 20;
const COMMITS: usize = 300;
const KB: f64 = 1024.0;

/// Everything, of all servers, each measurement of one after that of the other.
pub(crate) async fn everything(
    programs: &Programs,
    trace: &Path,
    time: Duration,
    report: &mut Report,
) -> Result<()> {
    let mut idle = [0.0; 3];
    for count in [100, 1000] {
        for (kind, idle) in KINDS.into_iter().zip(&mut idle) {
            fan_out(&Server::start(kind, programs)?, count, time, idle, report)
                .await
                .with_context(|| format!("{} with {count} lines", kind.name()))?;
        }
    }
    for (kind, idle) in KINDS.into_iter().zip(idle) {
        rooms(&Server::start(kind, programs)?, idle, report).await.context(kind.name())?;
    }
    let paper = recorded(trace)?;
    for kind in KINDS {
        joins(Server::start(kind, programs)?, &paper, report).await.context(kind.name())?;
    }
    commits(&Server::start(Kind::Quire, programs)?, time, report).await
}

/// Many lines to one document: what an idle one takes, how long a key is on its way, how many go through.
async fn fan_out(
    server: &Server,
    count: usize,
    time: Duration,
    idle: &mut f64,
    report: &mut Report,
) -> Result<()> {
    let kind = server.kind;
    let mut crowd = Crowd::new(server.document(0)?, count, WRITERS);
    crowd.grow_to(1).await?;
    let before = server.memory()?;
    crowd.grow_to(count).await?;
    if count >= 1000 {
        let bytes = server.memory()?.saturating_sub(before);
        *idle = bytes as f64 / KB / (count - 1) as f64;
        report.put(kind, "memory of an idle line", "KB", *idle, Some(Bar::AtMost(12.0)));
    }
    let cpu = server.cpu_seconds()?;
    let typed = crowd.type_evenly(KEYS_PER_SECOND, time).await?;
    let cpu = server.cpu_seconds()? - cpu;
    let bar = (count >= 1000).then_some(Bar::AtMost(50.0));
    let what = |what: &str| format!("{what}, {count} lines");
    let ms = |q| quantile(&typed.lags, q) / 1e3;
    report.put(kind, what("a key is at the others, p50"), "ms", ms(0.5), None);
    report.put(kind, what("a key is at the others, p99"), "ms", ms(0.99), bar);
    let per_delivery = cpu * 1e6 / typed.deliveries as f64;
    report.put(kind, what("processor for one delivery while 5 type"), "µs", per_delivery, None);
    let cpu = server.cpu_seconds()?;
    let pressed = crowd.type_at_once(WINDOW, time).await?;
    let cpu = server.cpu_seconds()? - cpu;
    throughput(kind, &what, &pressed, cpu, report);
    Ok(())
}

fn throughput(
    kind: Kind,
    what: &dyn Fn(&str) -> String,
    pressed: &Written,
    cpu: f64,
    report: &mut Report,
) {
    let seconds = pressed.time.as_secs_f64();
    let per_core = |count: u64| count as f64 / cpu;
    report.put(kind, what("updates a second"), "1/s", pressed.updates as f64 / seconds, None);
    report.put(kind, what("cores in use"), "", cpu / seconds, None);
    report.put(kind, what("updates a second and core"), "1/s", per_core(pressed.updates), None);
    let bar = Some(Bar::Times(5.0));
    let deliveries = per_core(pressed.deliveries);
    report.put(kind, what("deliveries a second and core"), "1/s", deliveries, bar);
}

/// Many documents with one line and some words each.
async fn rooms(server: &Server, idle: f64, report: &mut Report) -> Result<()> {
    let mut crowds = Vec::new();
    let mut before = 0;
    for number in 0..=ROOMS {
        let mut crowd = Crowd::new(server.document(number)?, 2, 1);
        crowd.grow_to(2).await?;
        crowd.type_evenly(1000, Duration::from_millis(20)).await?;
        crowds.push(crowd);
        if number == 0 {
            before = server.memory()?;
        }
    }
    let bytes = server.memory()?.saturating_sub(before);
    let kilobytes = bytes as f64 / KB / f64::from(ROOMS) - 2.0 * idle;
    report.put(
        server.kind,
        "memory of a room with a sentence, its two lines not counted",
        "KB",
        kilobytes,
        None,
    );
    Ok(())
}

/// Somebody opens a document into which a paper was written, key by key.
async fn joins(mut server: Server, paper: &[u8], report: &mut Report) -> Result<()> {
    let door = server.document(0)?;
    let whole = Replica::open([paper])?;
    let mut line = open(&door).await?;
    for frame in door.dialect.hello() {
        line.send(Message::Binary(frame)).await?;
    }
    line.send(Message::Binary(door.dialect.update(paper))).await?;
    let start = Instant::now();
    loop {
        let (_, document) = join(&door).await?;
        if Replica::open([&*document])?.is_same(&whole) {
            break;
        }
        ensure!(start.elapsed() < Duration::from_secs(120), "the document does not come");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut times = Vec::new();
    for _ in 0..JOINS {
        times.push(u32::try_from(join(&door).await?.0.as_micros())?);
    }
    times.sort_unstable();
    let (kind, what) = (server.kind, "a document of 260,000 keys is joined");
    let ms = |q| quantile(&times, q) / 1e3;
    report.put(kind, format!("{what}, p50"), "ms", ms(0.5), None);
    report.put(kind, format!("{what}, p95"), "ms", ms(0.95), None);
    if kind == Kind::Quire {
        drop(line);
        server.restart()?;
        let (time, document) = join(&door).await?;
        ensure!(Replica::open([&*document])?.is_same(&whole), "not what was written");
        report.put(
            kind,
            format!("{what} that is only on the disk"),
            "ms",
            time.as_secs_f64() * 1e3,
            None,
        );
    }
    Ok(())
}

/// How long until the author is told that a key is on the disk: alone, and while many write elsewhere.
async fn commits(server: &Server, time: Duration, report: &mut Report) -> Result<()> {
    let door = server.document(0)?;
    let mut put = |what: &str, times: &[u32]| {
        for (name, q) in [("p50", 0.5), ("p95", 0.95)] {
            let ms = quantile(times, q) / 1e3;
            report.put(
                Kind::Quire,
                format!("a key is on the disk, {what}, {name}"),
                "ms",
                ms,
                None,
            );
        }
    };
    put("alone", &commit_times(&door, 1).await?);
    let mut crowd = Crowd::new(server.document(1)?, 100, WRITERS);
    crowd.grow_to(100).await?;
    let (others, times) =
        tokio::join!(crowd.type_evenly(10 * KEYS_PER_SECOND, time), commit_times(&door, 2));
    others?;
    put("beside 200 keys a second to 100 lines", &times?);
    Ok(())
}

async fn commit_times(door: &Door, session: u64) -> Result<Vec<u32>> {
    let mut line = open(door).await?;
    for frame in Dialect::Stock.hello() {
        line.send(Message::Binary(frame)).await?;
    }
    let mut writer = Writer::new(usize::try_from(session)?);
    let mut times = Vec::new();
    for sequence in 1..=COMMITS as u64 {
        let origin = Origin { session, sequence };
        let frame = frames::numbered(origin, &writer.key()?);
        let start = Instant::now();
        line.send(Message::Binary(frame)).await?;
        loop {
            let message = line.next().await.context("it was cut")??;
            let Message::Binary(frame) = message else { continue };
            if Dialect::Stock.read(&frame) == Some(Heard::Kept) {
                break;
            }
        }
        times.push(u32::try_from(start.elapsed().as_micros())?);
    }
    times.sort_unstable();
    Ok(times)
}

#[derive(serde::Deserialize)]
struct Trace {
    #[serde(rename = "endContent")]
    end: String,
    txns: Vec<Transaction>,
}

#[derive(serde::Deserialize)]
struct Transaction {
    patches: Vec<(u32, u32, String)>,
}

/// A paper that somebody wrote, key by key, as one update.
fn recorded(trace: &Path) -> Result<Vec<u8>> {
    let packed = std::fs::File::open(trace).with_context(|| trace.display().to_string())?;
    let trace: Trace =
        serde_json::from_reader(BufReader::new(flate2::read::GzDecoder::new(packed)))?;
    let mut document = TextDocument::new(ClientId::from_random(7));
    for (at, removed, inserted) in trace.txns.into_iter().flat_map(|each| each.patches) {
        document.edit(&[Change { at, removed, inserted }])?;
    }
    ensure!(document.text() == trace.end, "the recording does not come out as it was written");
    Ok(document.snapshot())
}
