//! `/metrics` through the real server: what it counts, and who may read it.

#![allow(clippy::unwrap_used)]

mod support;

use support::{Author, Desk, Relay, free_address, person};

/// The value of a series, named as it is shown.
#[track_caller]
fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in {text}")).parse().unwrap()
}

#[test]
fn administrators_read_what_is_done_and_how_long_it_takes_and_strangers_do_not() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let owner = relay.client().with(&desk.pass.token);
    relay.client().ask("GET", "/metrics").refused(401, "unauthenticated");
    person(&desk, &relay, "Mallory").ask("GET", "/metrics").refused(403, "forbidden");
    let mut author = Author::new(1, &desk.pass);
    assert!(author.connect(&relay.address));
    author.until("open", |author| author.line.is_open());
    author.type_at(0, 0, "words");
    author.until("saved", |author| author.line.is_saved());
    owner.get(&format!("/projects/{}", desk.project)).done();
    let text = owner.ask("GET", "/metrics").done();
    let text = text.as_str().unwrap();
    let route = |status| {
        let route = "/api/v1/projects/{project}";
        format!(
            "quire_relay_requests_total{{method=\"GET\",route=\"{route}\",status=\"{status}\"}}"
        )
    };
    assert!(value(text, &route(200)) >= 1.0);
    assert!(value(text, "quire_relay_updates_kept_total") >= 1.0);
    assert!(value(text, "quire_relay_commit_duration_seconds_count") >= 1.0);
    assert_eq!(value(text, "quire_relay_backlog"), 0.0);
    assert_eq!(value(text, "quire_relay_rooms"), 1.0);
    assert_eq!(value(text, "quire_relay_lines"), 1.0);
    assert!(value(text, "quire_relay_connections") >= 1.0);
    assert!(value(text, "quire_relay_frame_bytes_total{direction=\"in\"}") > 5.0);
    if cfg!(target_os = "linux") {
        assert!(value(text, "quire_relay_resident_memory_bytes") > 1e6);
    }
    // Addresses that nobody declared make no series of their own.
    for nth in 0..3 {
        owner.ask("GET", &format!("/made/up/{nth}"));
    }
    let text = owner.ask("GET", "/metrics").done();
    assert!(!text.as_str().unwrap().contains("made"), "{text}");
    assert!(!text.as_str().unwrap().contains(&desk.project.to_string()), "{text}");
}

#[test]
fn an_address_of_its_own_answers_nothing_else() {
    let desk = Desk::new();
    let address = free_address();
    let relay = Relay::start(desk.path(), &["--set", &format!("metrics_listen={address}")]);
    let client = support::http::Client::new(&address);
    let text = client.ask("GET", "/metrics").done();
    assert_eq!(value(text.as_str().unwrap(), "quire_relay_rooms"), 0.0);
    assert_eq!(client.ask("GET", "/api/v1").status, 404);
    #[cfg(unix)]
    assert!(relay.end());
}

#[test]
fn who_sends_too_much_is_read_more_slowly_and_loses_nothing() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &["--set", "limits.frames_per_minute=600"]);
    let owner = relay.client().with(&desk.pass.token);
    let mut author = Author::new(1, &desk.pass);
    assert!(author.connect(&relay.address));
    author.until("open", |author| author.line.is_open());
    for _ in 0..620 {
        let length = author.document.len();
        author.type_at(length, 0, "x");
    }
    let start = std::time::Instant::now();
    author.until("saved", |author| author.line.is_saved());
    assert!(start.elapsed().as_millis() > 500, "{:?}", start.elapsed());
    let text = owner.ask("GET", "/metrics").done();
    assert!(value(text.as_str().unwrap(), "quire_relay_frames_held_back_total") > 0.0);
    drop(author);
    relay.kill();
    assert_eq!(desk.kept().text("text").len(), 620);
}
