use crate::Fixture;
use quire_project::{DocumentId, UnixMs};
use std::time::{Duration, Instant};

/// One acknowledged append at a time, as a person types: the bar is 50 ms for 19 of 20.
#[test]
fn a_keystroke_is_durable_within_fifty_milliseconds() {
    let fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    let append = || fixture.store().append(DocumentId([5; 16]), vec![7; 30], "Ada", UnixMs(30));
    let mut times: Vec<Duration> = (0..2000)
        .map(|_| {
            let started = Instant::now();
            append().wait().unwrap();
            started.elapsed()
        })
        .collect();
    times.sort();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    println!(
        "one append: p50 {:?}, p95 {:?}, p99 {:?}, most {:?}",
        at(50),
        at(95),
        at(99),
        at(100)
    );
    assert!(at(95) <= Duration::from_millis(50), "p95 {:?}", at(95));

    let started = Instant::now();
    let pending: Vec<_> = (0..5000).map(|_| append()).collect();
    for pending in pending {
        pending.wait().unwrap();
    }
    println!("5,000 appends in groups: {:?}", started.elapsed());
}
