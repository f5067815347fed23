//! Kills a process that writes, again and again at random moments, and looks whether everything is
//! there that it had acknowledged. This binary is both: started with `write`, it is the process
//! that is killed.
//!
//! SIGKILL leaves what the system has in its cache; for what a power cut leaves see
//! `failures::a_torn_log_loses_only_what_was_not_acknowledged`.

#![allow(clippy::unwrap_used)]

use quire_project::{DocumentId, FileId, ProjectId, ProjectPath, UnixMs};
use quire_store::{CaseClash, NewFile, NewProject, Options, Seq, Store};
use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

const NAME: &str = "acknowledged_updates_survive_a_kill";
/// Documents, each written by a thread of its own.
const DOCUMENTS: u8 = 3;
const PROJECT: ProjectId = ProjectId([1; 16]);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [role, database] = arguments.as_slice()
        && role == "write"
    {
        write_until_killed(Path::new(database));
    }
    // What test runners ask of a test binary.
    if arguments.iter().any(|argument| argument == "--list") {
        if !arguments.iter().any(|argument| argument == "--ignored") {
            println!("{NAME}: test");
        }
        return;
    }
    let kills = std::env::var("QUIRE_KILLS").map_or(500, |kills| kills.parse().unwrap());
    kill_again_and_again(kills);
}

/// The payload of an update: says which it is, in 9 to 3,008 bytes.
fn payload(document: u8, seq: Seq) -> Vec<u8> {
    let mut payload = vec![document];
    payload.extend(seq.0.to_be_bytes());
    let spread = seq.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    // Every fiftieth is a paste.
    let length = if spread.is_multiple_of(50) { spread % 3000 } else { spread % 40 };
    payload.resize(9 + usize::try_from(length).unwrap(), document);
    payload
}

fn write_until_killed(database: &Path) -> ! {
    let store = Store::open(database, &Options::default()).unwrap();
    std::thread::scope(|scope| {
        for document in 1..=DOCUMENTS {
            let store = &store;
            scope.spawn(move || write_document(store, document));
        }
        // Large transactions between the small ones.
        scope.spawn(|| {
            for i in 0u64.. {
                let figure = vec![u8::try_from(i % 251).unwrap(); 700_000];
                store.put_blob(&mut figure.as_slice(), UnixMs(0)).unwrap();
                store.write(|tx| tx.collect_blobs(UnixMs(1), 0)).unwrap();
            }
        });
    });
    unreachable!("the writers go on until the process is killed")
}

fn write_document(store: &Store, number: u8) {
    let document = DocumentId([number; 16]);
    let mut last = store.read(|tx| tx.document(document)).unwrap().last;
    loop {
        // Some wait together, as keystrokes of a fast writer do.
        let group = 1 + last.0 % 5;
        let pending: Vec<_> = (1..=group)
            .map(|i| {
                let payload = payload(number, Seq(last.0 + i));
                store.append(document, payload, "writer", UnixMs(0))
            })
            .collect();
        for pending in pending {
            last = pending.wait().unwrap();
            // One call, so that a line is never told in part.
            std::io::stdout().write_all(format!("{number} {}\n", last.0).as_bytes()).unwrap();
        }
        if last.0 % 100 < group {
            let state = payload(number, last);
            let then = last;
            store.write(move |tx| tx.add_snapshot(document, then, &state, UnixMs(0))).unwrap();
        }
    }
}

fn kill_again_and_again(kills: u32) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let mut random = now.subsec_nanos();
    println!("seed of the first moment: {random}");
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("quire.db");
    prepare(&database);
    let (mut told, mut updates) = (BTreeMap::new(), 0);
    let started = Instant::now();
    for kill in 0..kills {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let acknowledged =
            write_and_kill(&database, Duration::from_micros(u64::from(random >> 8) % 60_000));
        updates += acknowledged.len();
        for (document, seq) in acknowledged {
            let before = told.insert(document, seq).unwrap_or(Seq(0));
            assert!(seq > before, "kill {kill}: {seq:?} was acknowledged after {before:?}");
        }
        if random.is_multiple_of(2) {
            power_cut(&database, random);
        }
        verify(&database, &told, kill + 1 == kills);
    }
    println!(
        "{kills} kills, {updates} updates acknowledged, all there; {:.1} s",
        started.elapsed().as_secs_f64()
    );
    assert!(updates > kills as usize, "too few updates to mean anything");
}

/// What a power cut may do beyond a kill: all of the log that was not flushed with a commit is gone, and
/// there is rubbish in its place. Layout of the log: <https://sqlite.org/fileformat2.html#walformat>.
fn power_cut(database: &Path, random: u32) {
    const HEADER: usize = 32;
    const FRAME_HEADER: usize = 24;
    let place = database.with_extension("db-wal");
    let Ok(mut log) = fs::read(&place) else { return };
    if log.len() < HEADER {
        return;
    }
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    let frame = FRAME_HEADER + number(8) as usize;
    let (mut at, mut flushed) = (HEADER, HEADER);
    // Frames of an earlier round of the log have another salt.
    while at + frame <= log.len() && log[at + 8..at + 16] == log[16..24] {
        let is_commit = number(at + 4) != 0;
        at += frame;
        if is_commit {
            flushed = at;
        }
    }
    log.truncate(flushed);
    let rubbish = (0..random % 20_000).map(|i| (i.wrapping_mul(random) >> 7) as u8);
    log.extend(rubbish);
    fs::write(&place, log).unwrap();
}

fn prepare(database: &Path) {
    let store = Store::open(database, &Options::default()).unwrap();
    let project = NewProject {
        id: PROJECT,
        name: "Killed".to_owned(),
        engine: "xetex".to_owned(),
        linked_folder: None,
        settings: serde_json::json!({}),
    };
    store
        .write(move |tx| {
            tx.create_project(&project, UnixMs(0))?;
            (1..=DOCUMENTS).try_for_each(|number| {
                let file = NewFile {
                    id: FileId([number; 16]),
                    project: PROJECT,
                    path: ProjectPath::new(&format!("{number}.tex")).unwrap(),
                    clash: CaseClash::Refuse,
                };
                let seed = payload(number, Seq(1));
                tx.create_text_file(&file, DocumentId([number; 16]), &seed, "seed", UnixMs(0))
            })
        })
        .unwrap();
}

/// Start the writer, kill it `after` its first word, and give back all that it acknowledged.
fn write_and_kill(database: &Path, after: Duration) -> Vec<(u8, Seq)> {
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .arg("write")
        .arg(database)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let mut acknowledged: Vec<_> =
        lines.next().map(|line| parse(&line.unwrap())).into_iter().collect();
    let reader =
        std::thread::spawn(move || lines.map(|line| parse(&line.unwrap())).collect::<Vec<_>>());
    std::thread::sleep(after);
    writer.kill().unwrap();
    let status = writer.wait().unwrap();
    assert_eq!(status.code(), None, "the writer ended by itself: {status}");
    acknowledged.extend(reader.join().unwrap());
    acknowledged
}

fn parse(line: &str) -> (u8, Seq) {
    let (document, seq) = line.split_once(' ').unwrap();
    (document.parse().unwrap(), Seq(seq.parse().unwrap()))
}

/// Everything that was acknowledged is there, in order, and nothing that was not written.
fn verify(database: &Path, told: &BTreeMap<u8, Seq>, whole: bool) {
    let store = Store::open(database, &Options::default()).unwrap();
    for (&number, &acknowledged) in told {
        let document = DocumentId([number; 16]);
        store
            .read(|tx| {
                let last = tx.document(document)?.last;
                assert!(last >= acknowledged, "document {number}: {acknowledged:?} > {last:?}");
                // What was checked before was durable then; the last time all is read.
                let after = if whole { Seq(0) } else { Seq(last.0.saturating_sub(2000)) };
                let updates = tx.updates(document, after, last)?;
                assert_eq!(updates.len() as u64, last.0 - after.0);
                for (update, expected) in updates.iter().zip(after.0 + 1..) {
                    assert_eq!(update.seq, Seq(expected));
                    assert_eq!(update.payload, payload(number, update.seq));
                }
                if let Some(snapshot) = tx.load(document)?.snapshot {
                    assert_eq!(snapshot.state, payload(number, snapshot.through));
                }
                Ok(())
            })
            .unwrap();
    }
}
