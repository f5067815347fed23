//! The log on a real disk.

#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use quire_collab::{Change, ClientId, Replica, TextDocument, frames::Origin, room::Row};
use quire_relay::{
    archive::{Archive, ArchiveError},
    ids::Timestamp,
};
use std::{path::Path, sync::mpsc};
use tempfile::tempdir;

struct Paper(TextDocument);

impl Paper {
    fn new() -> Self {
        Self(TextDocument::new(ClientId::from_random(1)))
    }

    fn row(&mut self, number: u64, text: &str) -> Row {
        let change = Change { at: self.0.len(), removed: 0, inserted: text.to_owned() };
        let update = Bytes::from(self.0.edit(&[change]).unwrap());
        let origin = Some(Origin { session: 1, sequence: number });
        Row { number, update, origin, author: Some("ann".to_owned()) }
    }
}

fn append(archive: &Archive, rows: impl IntoIterator<Item = Row>) -> Vec<Result<(), ArchiveError>> {
    append_at(archive, rows.into_iter().map(|row| (row, Timestamp(1_000_000))))
}

fn append_at(
    archive: &Archive,
    rows: impl IntoIterator<Item = (Row, Timestamp)>,
) -> Vec<Result<(), ArchiveError>> {
    let (answer, answers) = mpsc::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut count = 0;
    for (row, at) in rows {
        let answer = answer.clone();
        count += 1;
        let done = move |result| answer.send(result).unwrap();
        runtime.block_on(archive.append("paper".into(), row, at, done));
    }
    answers.iter().take(count).collect()
}

fn open(folder: &Path) -> Archive {
    Archive::open(folder, None).unwrap()
}

fn text(archive: &Archive) -> String {
    archive.load("paper").unwrap().replica.text("text")
}

fn sql(folder: &Path, text: &str) -> usize {
    rusqlite::Connection::open(folder.join("relay.sqlite3")).unwrap().execute(text, []).unwrap()
}

#[test]
fn what_was_appended_is_there_after_a_start() {
    let folder = tempdir().unwrap();
    let mut paper = Paper::new();
    let archive = open(folder.path());
    assert_eq!(archive.load("paper").unwrap().last_number, 0);
    let results = append(&archive, [paper.row(1, "one "), paper.row(2, "two")]);
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    drop(archive);
    let archive = open(folder.path());
    let loaded = archive.load("paper").unwrap();
    assert_eq!((loaded.last_number, loaded.since_snapshot.0), (2, 2));
    assert_eq!(loaded.replica.text("text"), "one two");
    assert!(archive.is_ready());
}

#[test]
fn one_relay_at_a_time_has_a_folder() {
    let folder = tempdir().unwrap();
    let _archive = open(folder.path());
    assert!(matches!(Archive::open(folder.path(), None), Err(ArchiveError::InUse(_))));
}

#[test]
fn a_row_after_a_gap_or_of_a_second_owner_is_refused() {
    let folder = tempdir().unwrap();
    let archive = open(folder.path());
    let mut paper = Paper::new();
    let rows = [1, 3, 1].map(|number| paper.row(number, "x"));
    let results = append(&archive, rows);
    assert!(results[0].is_ok());
    for result in &results[1..] {
        assert!(matches!(result, Err(ArchiveError::OutOfOrder { .. })), "{results:?}");
    }
    assert_eq!(text(&archive), "x");
}

#[test]
fn an_origin_is_in_the_log_once_and_no_update_is_lost_by_it() {
    let folder = tempdir().unwrap();
    let archive = open(folder.path());
    let mut paper = Paper::new();
    let first = paper.row(1, "one ");
    let second = Row { origin: first.origin, ..paper.row(2, "two") };
    assert!(append(&archive, [first, second]).iter().all(Result::is_ok));
    assert_eq!(text(&archive), "one two");
    assert_eq!(sql(folder.path(), "DELETE FROM updates WHERE session = 1"), 1);
}

#[test]
fn rows_go_when_two_snapshots_stand_for_them() {
    let folder = tempdir().unwrap();
    let archive = open(folder.path());
    let mut paper = Paper::new();
    let rows: Vec<Row> = (1..=30).map(|number| paper.row(number, "x")).collect();
    append(&archive, rows);
    let whole = archive.load("paper").unwrap().replica;
    for up_to in [10, 20, 25] {
        archive.compact("paper", up_to).unwrap();
        let loaded = archive.load("paper").unwrap();
        assert_eq!(loaded.since_snapshot.0, 30 - up_to);
        assert!(loaded.replica.is_same(&whole));
        assert_eq!(loaded.replica.text("text"), "x".repeat(30));
    }
    // Of the rows, those are left that the older of two snapshots does not hold; of the snapshots, two.
    assert_eq!(sql(folder.path(), "DELETE FROM updates"), 10);
    assert_eq!(sql(folder.path(), "DELETE FROM snapshots"), 2);
}

#[test]
fn a_damaged_snapshot_is_done_without_and_a_damaged_row_is_no_empty_document() {
    let folder = tempdir().unwrap();
    let archive = open(folder.path());
    let mut paper = Paper::new();
    let rows: Vec<Row> = (1..=10).map(|number| paper.row(number, "x")).collect();
    append(&archive, rows);
    archive.compact("paper", 4).unwrap();
    archive.compact("paper", 8).unwrap();
    sql(folder.path(), "UPDATE snapshots SET bytes = x'00' WHERE up_to = 8");
    assert_eq!(text(&archive), "x".repeat(10));
    sql(folder.path(), "UPDATE updates SET bytes = x'0000' WHERE number = 7");
    let error = archive.load("paper").unwrap_err();
    assert!(matches!(error, ArchiveError::Damaged { .. }), "{error}");
}

#[test]
fn a_full_disk_is_told_and_what_was_kept_before_stays() {
    let folder = tempdir().unwrap();
    let archive = Archive::open(folder.path(), Some(200 << 10)).unwrap();
    let mut paper = Paper::new();
    let mut kept = 0;
    let error = loop {
        let row = paper.row(kept + 1, &"long ".repeat(1000));
        match append(&archive, [row]).pop().unwrap() {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, ArchiveError::DiskFull), "{error}");
    assert!(kept > 10);
    let loaded = archive.load("paper").unwrap();
    assert_eq!(loaded.last_number, kept);
    assert_eq!(loaded.replica.text("text").len() as u64, kept * 5000);
}

#[test]
fn rows_that_went_are_in_the_history_by_author_and_time() {
    let folder = tempdir().unwrap();
    let archive = open(folder.path());
    let mut paper = Paper::new();
    let mut rows: Vec<Row> = (1..=12).map(|number| paper.row(number, "x")).collect();
    for row in &mut rows[4..6] {
        row.author = Some("bob".to_owned());
    }
    append(&archive, rows);
    assert!(archive.name_version("paper", 8, Some("Draft")).unwrap());
    for up_to in [10, 11, 12] {
        archive.compact("paper", up_to).unwrap();
    }
    let entries = archive.history("paper").unwrap();
    let found: Vec<_> = entries
        .iter()
        .map(|entry| (entry.first, entry.last, entry.author.as_deref().unwrap()))
        .collect();
    let expected = [
        (1, 4, "ann"),
        (5, 6, "bob"),
        (7, 8, "ann"),
        (9, 10, "ann"),
        (11, 11, "ann"),
        (12, 12, "ann"),
    ];
    assert_eq!(found, expected);
    assert_eq!(entries[2].name.as_deref(), Some("Draft"));
    // There is no such version any more, nor a later one than the last.
    assert!(!archive.name_version("paper", 5, Some("Late")).unwrap());
    assert!(!archive.name_version("paper", 13, Some("Later")).unwrap());
    let version = archive.version("paper", 5).unwrap().unwrap();
    assert_eq!(version.last().unwrap().0.last, 6);
    quire_relay::archive::verify(folder.path()).unwrap();
    // A history that does not lead to what is there is found.
    sql(folder.path(), "DELETE FROM history WHERE last = 6");
    assert!(quire_relay::archive::verify(folder.path()).is_err());
    assert_eq!(text(&archive), "x".repeat(12));
}

#[test]
fn whatever_the_clock_says_every_version_is_what_it_was() {
    for seed in 0..24 {
        println!("seed {seed}");
        let mut rng = fastrand::Rng::with_seed(seed);
        let folder = tempdir().unwrap();
        let archive = open(folder.path());
        let (mut paper, mut texts, mut now) = (Paper::new(), Vec::new(), 1_000_000_i64);
        for number in 1..=rng.u64(20..80) {
            let mut row = paper.row(number, &rng.lowercase().to_string());
            row.author = [Some("ann"), Some("bob"), None][rng.usize(..3)].map(str::to_owned);
            now = match rng.u8(..12) {
                0 => rng.i64(..),
                1 => [i64::MIN, i64::MAX][rng.usize(..2)],
                2 => now.saturating_sub(rng.i64(..10_000)),
                _ => now.saturating_add(rng.i64(..40)),
            };
            assert!(append_at(&archive, [(row, Timestamp(now))])[0].is_ok());
            texts.push(text(&archive));
            match rng.u8(..6) {
                0 => archive.compact("paper", rng.u64(1..=number)).unwrap(),
                1 => drop(archive.name_version("paper", rng.u64(1..=number), Some("A name"))),
                _ => {}
            }
        }
        quire_relay::archive::verify(folder.path()).unwrap();
        assert_eq!(Some(&text(&archive)), texts.last());
        for entry in archive.history("paper").unwrap() {
            let log = archive.version("paper", entry.last).unwrap().unwrap();
            let then = Replica::open(log.iter().map(|(_, update)| &**update)).unwrap();
            assert_eq!(then.text("text"), texts[entry.last as usize - 1], "{entry:?}");
        }
    }
}
