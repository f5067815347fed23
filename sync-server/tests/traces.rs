//! Traces of the real process, to a collector that reads them as every collector does, and to one that never answers.

#![allow(clippy::unwrap_used)]

mod support;

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{Span, span::SpanKind},
};
use prost::Message;
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};
use support::{Author, Desk, Relay, connect};

/// What the collector was sent in one request: headers, and the body.
struct Sent {
    head: String,
    body: Vec<u8>,
}

/// A collector: where it is, and what it is sent.
fn collector() -> (String, Receiver<Sent>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sent, taken) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, sent) = (stream.unwrap(), sent.clone());
            thread::spawn(move || take(&stream, &sent));
        }
    });
    (format!("http://{address}/"), taken)
}

fn take(mut stream: &TcpStream, sent: &Sender<Sent>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
        });
        let mut body = vec![0; length.unwrap()];
        reader.read_exact(&mut body).ok()?;
        sent.send(Sent { head, body }).ok()?;
        let answer =
            "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).ok()?;
    }
}

/// All spans that have come by now, each with what else is said of it.
fn spans(sent: &[Sent]) -> Vec<Span> {
    let requests = sent.iter().map(|sent| ExportTraceServiceRequest::decode(&*sent.body).unwrap());
    requests
        .flat_map(|request| request.resource_spans)
        .flat_map(|of_resource| of_resource.scope_spans)
        .flat_map(|of_scope| of_scope.spans)
        .collect()
}

fn attribute(attributes: &[KeyValue], name: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == name);
    match found.and_then(|attribute| attribute.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{name} is {other:?} in {attributes:?}"),
    }
}

#[track_caller]
fn named<'s>(spans: &'s [Span], name: &str) -> &'s Span {
    let names = || spans.iter().map(|span| &*span.name).collect::<Vec<_>>();
    spans
        .iter()
        .find(|span| span.name == name)
        .unwrap_or_else(|| panic!("no {name}: {:?}", names()))
}

#[test]
#[cfg(unix)]
fn a_collector_is_told_what_was_done_and_for_what_and_no_secret() {
    let (endpoint, taken) = collector();
    let desk = Desk::new();
    let headers = desk.path().join("headers");
    std::fs::write(&headers, "x-key = of-the-collector\n").unwrap();
    let settings = [
        format!("traces.endpoint={endpoint}"),
        "traces.per_thousand=1000".to_owned(),
        format!("traces.headers_file={}", headers.display()),
        "traces.service=our relay".to_owned(),
        "accounts.registration=open".to_owned(),
        "trusted_proxies=127.0.0.1".to_owned(),
    ];
    let settings: Vec<&str> = settings.iter().flat_map(|set| ["--set", set]).collect();
    let relay = Relay::start(desk.path(), &settings);
    let owner = relay.client().with(&desk.pass.token);
    // A request of a proxy that has decided on a trace.
    let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let said = format!("00-{trace}-{parent}-01");
    let path = format!("/projects/{}/members?password=s3cret", desk.project);
    owner.bytes("GET", &path, &[("traceparent", &said)], &[]);
    // One that asks for a letter.
    let new = json!({ "email": "ann@example.org", "name": "Ann", "password": "correct horse" });
    relay.client().post("/register", new).done();
    relay.client().get("/made/up/s3cret").refused(404, "not-found");
    let mut author = Author::new(1, &desk.pass);
    assert!(author.connect(&relay.address));
    author.until("open", |author| author.line.is_open());
    for _ in 0..120 {
        author.type_at(0, 0, "unheard-of words ");
    }
    author.until("saved", |author| author.line.is_saved());
    // By a ticket, which is a secret in an address.
    let document = desk.pass.document.to_string();
    let ticket = owner.post("/tickets", json!({ "document": document })).text("ticket");
    drop(connect(&relay.address, &format!("{document}?ticket={ticket}"), &[]));
    assert!(relay.end());
    let sent: Vec<Sent> = taken.try_iter().collect();
    let head = sent[0].head.to_lowercase();
    assert!(
        head.starts_with("post /v1/traces ") && head.contains("x-key: of-the-collector"),
        "{head}"
    );
    let first = ExportTraceServiceRequest::decode(&*sent[0].body).unwrap();
    let resource = first.resource_spans[0].resource.as_ref().unwrap();
    assert_eq!(attribute(&resource.attributes, "service.name"), "our relay");
    let spans = spans(&sent);

    let members = named(&spans, "GET /api/v1/projects/{project}/members");
    assert_eq!(members.kind, SpanKind::Server as i32);
    assert_eq!(attribute(&members.attributes, "http.request.method"), "GET");
    assert_eq!(attribute(&members.attributes, "http.response.status_code"), "200");
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!((&*hex(&members.trace_id), &*hex(&members.parent_span_id)), (trace, parent));
    assert!(members.end_time_unix_nano > members.start_time_unix_nano);
    assert_eq!(
        attribute(&named(&spans, "GET none").attributes, "http.response.status_code"),
        "404"
    );

    let opened = named(&spans, "GET /ws/{*document}");
    let line = spans.iter().find(|span| span.parent_span_id == opened.span_id).unwrap();
    assert_eq!((&*line.name, &line.trace_id), ("line", &opened.trace_id));
    assert_eq!(attribute(&line.attributes, "document"), document);
    let closes: Vec<_> = spans
        .iter()
        .filter(|span| span.name == "line")
        .map(|span| attribute(&span.attributes, "close"))
        .collect();
    assert!(closes.contains(&"1012".to_owned()), "{closes:?}");
    // The request was over long before the line that it opened.
    assert!(opened.end_time_unix_nano < line.end_time_unix_nano);

    let commits: Vec<&Span> = spans.iter().filter(|span| span.name == "commit").collect();
    let sum = |name| {
        commits.iter().map(|span| attribute(&span.attributes, name).parse::<u64>().unwrap()).sum()
    };
    let (rows, bytes): (u64, u64) = (sum("rows"), sum("bytes"));
    assert!(rows >= 1 && bytes > 120 * 17, "{rows} rows, {bytes} bytes");
    assert!(commits.iter().all(|span| span.parent_span_id.is_empty()));
    assert_eq!(attribute(&named(&spans, "snapshot").attributes, "document"), document);

    let all: Vec<u8> = sent.iter().flat_map(|sent| sent.body.clone()).collect();
    for secret in [
        "s3cret",
        "correct horse",
        "ann@example.org",
        "unheard-of",
        &ticket,
        &desk.pass.token,
        "made",
    ] {
        let is_there = all.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
        assert!(!is_there, "{secret} was sent to the collector");
    }
    let log = std::fs::read_to_string(desk.path().join("relay.log")).unwrap();
    assert!(!log.contains("of-the-collector") && !log.contains("request{"), "{log}");
}

#[test]
fn what_strangers_say_of_a_trace_is_not_taken() {
    let (endpoint, taken) = collector();
    let desk = Desk::new();
    // Nothing is sampled, unless somebody is believed.
    let endpoint = format!("traces.endpoint={endpoint}");
    let relay = Relay::start(desk.path(), &["--set", &endpoint, "--set", "traces.per_thousand=0"]);
    let said = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    relay.client().bytes("GET", "", &[("traceparent", said)], &[]);
    #[cfg(unix)]
    assert!(relay.end());
    assert_eq!(taken.try_iter().count(), 0);
}

#[test]
#[cfg(unix)]
fn letters_belong_to_the_request_that_asked_for_them() {
    let (endpoint, taken) = collector();
    let (port, letters) = support::mail::server();
    let desk = Desk::new();
    let settings = [
        format!("traces.endpoint={endpoint}"),
        "traces.per_thousand=1000".to_owned(),
        "accounts.registration=open".to_owned(),
    ];
    let mut settings: Vec<String> = settings.into_iter().collect();
    settings.extend(support::mail::settings(port));
    let settings: Vec<&str> = settings.iter().flat_map(|set| ["--set", set]).collect();
    let relay = Relay::start(desk.path(), &settings);
    let new = json!({ "email": "ann@example.org", "name": "Ann", "password": "correct horse" });
    relay.client().post("/register", new).done();
    letters.recv_timeout(support::PATIENCE).unwrap();
    // Letters are sent one after the other: when this one is there, what came of the first is told.
    relay.client().post("/password/forgot", json!({ "email": "owner@example.org" })).done();
    letters.recv_timeout(support::PATIENCE).unwrap();
    assert!(relay.end());
    let spans = spans(&taken.try_iter().collect::<Vec<_>>());
    let asked = named(&spans, "POST /api/v1/register");
    let is_for_it = |span: &&Span| span.parent_span_id == asked.span_id;
    let letter = spans.iter().find(is_for_it).expect("the letter has no parent");
    assert_eq!((&*letter.name, &*attribute(&letter.attributes, "attempts")), ("letter", "1"));
}

#[test]
#[cfg(unix)]
fn a_collector_that_never_answers_delays_nothing() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("traces.endpoint=http://{}", silent.local_addr().unwrap());
    let desk = Desk::new();
    let relay =
        Relay::start(desk.path(), &["--set", &endpoint, "--set", "traces.per_thousand=1000"]);
    let mut author = Author::new(1, &desk.pass);
    assert!(author.connect(&relay.address));
    author.until("open", |author| author.line.is_open());
    // More spans than the queue holds.
    let client = relay.client();
    for _ in 0..500 {
        client.get("").done();
    }
    let owner = client.with(&desk.pass.token);
    for nth in 0..2500 {
        author.type_at(0, 0, "x");
        author.receive();
        if nth % 10 == 0 {
            author.until("saved", |author| author.line.is_saved());
        }
    }
    author.until("saved", |author| author.line.is_saved());
    owner.get(&format!("/projects/{}", desk.project)).done();
    let log = desk.path().join("relay.log");
    let start = Instant::now();
    while !std::fs::read_to_string(&log).unwrap().contains("does not take traces") {
        assert!(start.elapsed() < support::PATIENCE, "nothing is said of the collector");
        thread::sleep(Duration::from_millis(50));
    }
    let start = Instant::now();
    assert!(relay.end(), "it did not end well");
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    let log = std::fs::read_to_string(&log).unwrap();
    assert_eq!(log.matches("does not take traces").count(), 1, "{log}");
    author.until("sent away", |author| !author.is_connected());
    assert_eq!(desk.kept().text("text").len(), 2500);
    drop(silent);
}
