//! Strangers: stock clients of three versions, written by others. And what others wrote, recorded key by key: a paper of one
//! author, and a story that two wrote at once.

#![allow(clippy::unwrap_used)]

mod support;

use std::{
    io::Read,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};
use support::{Author, Desk, PATIENCE, Relay};

#[test]
fn stock_clients_of_three_versions_write_with_the_native_one() {
    let desk = Desk::new();
    let strangers = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/strangers");
    assert!(
        strangers.join("node_modules/.package-lock.json").is_file(),
        "the stock clients are not there: `cargo xtask test` installs them, or `npm ci` in {}",
        strangers.display()
    );
    let relay = Relay::start(desk.path(), &[]);
    let mut author = Author::new(1, &desk.pass);
    assert!(author.connect(&relay.address));
    author.until("open", |author| author.line.is_open());
    author.type_at(0, 0, "native ");
    let mut stock = Command::new("node")
        .arg("edit.mjs")
        .args([&*relay.address, &desk.pass.document.to_string(), "native"])
        .current_dir(strangers)
        .env("RELAY_TOKEN", &desk.pass.token)
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node.js is missing");
    author.until("everybody's words", |author| {
        let text = author.document.text();
        ["native", "offline", "version1", "version2", "version3"]
            .iter()
            .all(|word| word.chars().all(|letter| text.contains(letter)))
            && text.replace(' ', "").len() == 37
    });
    let mut said = String::new();
    let mut stdout = stock.stdout.take().unwrap();
    stdout.read_to_string(&mut said).unwrap();
    assert!(stock.wait().unwrap().success());
    assert_eq!(said.trim_end_matches('\n'), author.document.text());
    assert!(author.line.is_saved());
    relay.kill();
    let kept = desk.kept();
    assert_eq!(kept.text("text"), author.document.text());
}

#[derive(serde::Deserialize)]
struct Trace {
    #[serde(rename = "endContent")]
    end: String,
    txns: Vec<Transaction>,
}

#[derive(serde::Deserialize)]
struct Transaction {
    /// What its author had read, where several write: the numbers of earlier ones.
    #[serde(default)]
    parents: Vec<usize>,
    #[serde(default)]
    agent: usize,
    patches: Vec<(u32, u32, String)>,
}

fn recorded(name: &str) -> Trace {
    let traces = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/editing-traces");
    let packed = std::fs::File::open(traces.join(name)).expect("the corpus is missing");
    serde_json::from_reader(std::io::BufReader::new(flate2::read::GzDecoder::new(packed))).unwrap()
}

/// Characters, which are UTF-16 code units in these texts.
fn press(author: &mut Author, patches: &[(u32, u32, String)]) -> Vec<Vec<u8>> {
    let edit = |(at, removed, text): &(u32, u32, String)| {
        let change = quire_collab::Change { at: *at, removed: *removed, inserted: text.clone() };
        author.document.edit(&[change]).unwrap()
    };
    patches.iter().map(edit).collect()
}

/// Keys that go to the relay as one update; each alone would be the disk's time, not ours.
const KEYS: usize = 100;

#[test]
fn a_paper_that_was_recorded_comes_out_as_it_was_written() {
    let trace = recorded("sequential_traces-automerge-paper.json.gz");
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let (mut writer, mut reader) = (Author::new(1, &desk.pass), Author::new(2, &desk.pass));
    for author in [&mut writer, &mut reader] {
        assert!(author.connect(&relay.address));
        author.until("open", |author| author.line.is_saved());
    }
    let start = Instant::now();
    let mut keys = 0;
    for transactions in trace.txns.chunks(KEYS) {
        let mut updates = Vec::new();
        for transaction in transactions {
            updates.extend(press(&mut writer, &transaction.patches));
            keys += transaction.patches.len();
        }
        writer.send_update(&yrs::merge_updates_v1(updates).unwrap());
    }
    writer.until("saved", |writer| writer.line.is_saved());
    println!("{keys} keys: durable after {:?}", start.elapsed());
    assert!(writer.document.text() == trace.end);
    // It has not listened for so long that the relay may have hung up.
    while !reader.is_connected() || reader.document.len() as usize != trace.end.len() {
        assert!(start.elapsed() < PATIENCE, "{} of the text was read", reader.document.len());
        if !reader.is_connected() {
            reader.connect(&relay.address);
        }
        reader.receive();
    }
    assert!(reader.document.text() == trace.end);
    let start = Instant::now();
    let mut late = Author::new(3, &desk.pass);
    assert!(late.connect(&relay.address));
    late.until("joined", |late| late.document.len() as usize == trace.end.len());
    println!("joined after {:?}", start.elapsed());
    assert!(late.document.text() == trace.end);
    relay.kill();
    let kept = desk.kept();
    assert!(kept.text("text") == trace.end);
}

#[test]
fn a_story_that_two_wrote_at_once_comes_out_as_they_wrote_it() {
    let trace = recorded("concurrent_traces-friendsforever.json.gz");
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let mut authors = [1, 2].map(|nth| Author::new(nth, &desk.pass));
    for author in &mut authors {
        assert!(author.connect(&relay.address));
        author.until("open", |author| author.line.is_saved());
    }
    // What each has sent; and for each transaction how many of both were known when it was done.
    let (mut sent, mut known) = ([Vec::new(), Vec::new()], Vec::<[usize; 2]>::new());
    let mut waits = 0;
    for transaction in &trace.txns {
        let (who, other) = (transaction.agent, 1 - transaction.agent);
        let parents = transaction.parents.iter().map(|parent| known[*parent]);
        let mut had = parents.fold([0, 0], |all, one| [0, 1].map(|nth| all[nth].max(one[nth])));
        assert_eq!(had[who], sent[who].len(), "what one has written one knows");
        // He has read so much of the other, and not more: as it was, a second late.
        if let Some(last) = had[other].checked_sub(1) {
            let last: &Vec<u8> = &sent[other][last];
            waits += usize::from(!authors[who].document.holds(last).unwrap());
            authors[who]
                .until("what the other wrote", |author| author.document.holds(last).unwrap());
        }
        let updates = press(&mut authors[who], &transaction.patches);
        let update = yrs::merge_updates_v1(updates).unwrap();
        authors[who].send_update(&update);
        sent[who].push(update);
        had[who] += 1;
        known.push(had);
    }
    println!("{} transactions, {waits} of them waited for the other", trace.txns.len());
    assert!(sent.iter().all(|of_one| of_one.len() > 1000), "one wrote alone");
    for author in &mut authors {
        author.until("saved", |author| author.line.is_saved());
        author.until("all of it", |author| author.document.text() == trace.end);
    }
    relay.kill();
    assert!(desk.kept().text("text") == trace.end);
}
