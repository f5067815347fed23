use crate::{Fixture, Random, at, file, id, names, seed};
use quire_project::{ContentHash, DocumentId, FileId, ProjectId, UnixMs};
use quire_store::{
    Check, FileKind, Options, ProjectState, Recovery, Seq, Store, StoreError, recover,
};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

/// Bytes of a page.
const PAGE: u64 = 4096;

/// A closed database with ten text files of a thousand updates each, and a figure.
fn library() -> Fixture {
    let mut fixture = Fixture::with_project();
    fixture.store().put_blob(&mut &vec![9; 300_000][..], UnixMs(20)).unwrap();
    fixture.write(|tx| {
        for number in 10..20 {
            let new = file(number, &format!("ch/{number}.tex"));
            let document = DocumentId(id(number));
            tx.create_text_file(&new, document, &payload(number, 1), "Ada", UnixMs(20))?;
            for seq in 2..=1000 {
                tx.append(document, &payload(number, seq), "Ada", UnixMs(30))?;
            }
            tx.index_text(FileId(id(number)), Seq(1000), "words of a chapter")?;
        }
        tx.add_snapshot(DocumentId(id(10)), Seq(1000), b"state of ten", UnixMs(40))?;
        let figure = ContentHash::of(&vec![9; 300_000]);
        tx.create_binary_file(&file(30, "fig.png"), figure, UnixMs(20))?;
        tx.set_root_file(ProjectId(id(1)), Some(FileId(id(10))))
    });
    fixture.store = None;
    fixture
}

fn payload(number: u8, seq: u64) -> Vec<u8> {
    format!("update {seq} of {number}").into_bytes()
}

fn overwrite(path: &Path, page: u64, bytes: &[u8]) {
    let mut file = File::options().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(page * PAGE)).unwrap();
    file.write_all(bytes).unwrap();
}

/// The page, from 0, that holds `text` first.
fn page_with(path: &Path, text: &[u8]) -> u64 {
    let bytes = fs::read(path).unwrap();
    let place = bytes.windows(text.len()).position(|window| window == text);
    place.unwrap() as u64 / PAGE
}

fn opened(path: &Path) -> Result<Store, StoreError> {
    Store::open(path, &Options::default())
}

/// Every document in the tree by the number of its file: how many updates it has. Every byte of
/// every one is checked.
fn documents(store: &Store) -> BTreeMap<String, usize> {
    let read = store.read(|tx| {
        let mut found = BTreeMap::new();
        for project in tx.projects(ProjectState::Active, "", None)? {
            for file in tx.files(project.id)? {
                let FileKind::Text(document) = file.kind else { continue };
                let updates = tx.updates(document, Seq(0), tx.document(document)?.last)?;
                for update in &updates {
                    let text = String::from_utf8(update.payload.clone()).unwrap();
                    assert!(text.starts_with(&format!("update {} of ", update.seq.0)), "{text}");
                }
                found.insert(file.path.to_string(), updates.len());
            }
        }
        Ok(found)
    });
    read.unwrap()
}

fn saved(recovery: &Recovery, table: &str) -> (u64, bool) {
    let loss = recovery.tables.iter().find(|loss| loss.table == table).unwrap();
    (loss.saved, loss.broken_places > 0)
}

#[test]
fn a_destroyed_page_costs_what_was_on_it() {
    let fixture = library();
    let path = fixture.path();
    overwrite(&path, page_with(&path, b"update 500 of 12"), &[0xa5; 4096]);
    let refused = opened(&path).map(drop);
    assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
    let damaged = fs::read(&path).unwrap();

    let recovery = recover(&path, UnixMs(123)).unwrap();
    assert_eq!(fs::read(&recovery.set_aside).unwrap(), damaged);
    let left = ["quire.db", "quire.db-damaged-123", "quire.db-lock"];
    assert_eq!(names(fixture.folder.path()), left);
    let [damage] = recovery.documents.as_slice() else { panic!("{recovery:#?}") };
    assert_eq!(damage.path, Some(at("ch/12.tex")));
    assert!((1..150).contains(&damage.missing), "{damage:?}");
    assert_eq!((recovery.lost_files.len(), recovery.found_files.len()), (0, 0));

    let store = opened(&path).unwrap();
    let documents = documents(&store);
    assert_eq!(documents.len(), 10);
    for (path, updates) in documents {
        let lost = if path == "ch/12.tex" { damage.missing } else { 0 };
        assert_eq!(updates as u64 + lost, 1000, "{path}");
    }
    assert_eq!(store.read(|tx| tx.load(damage.document)).unwrap().missing, damage.missing);
    // What was searched by is made again from the documents.
    let unindexed = store.read(|tx| tx.unindexed()).unwrap();
    assert_eq!(unindexed.len(), 10);
    let next = store.append(DocumentId(id(12)), b"update 1001 of 12".to_vec(), "Ada", UnixMs(50));
    assert_eq!(next.wait(), Ok(Seq(1001)));
}

#[test]
fn a_snapshot_makes_up_for_lost_updates() {
    let fixture = library();
    let path = fixture.path();
    overwrite(&path, page_with(&path, b"update 500 of 10"), &[0; 4096]);
    let recovery = recover(&path, UnixMs(123)).unwrap();
    let [damage] = recovery.documents.as_slice() else { panic!("{recovery:#?}") };
    assert_eq!((damage.document, damage.missing_now), (DocumentId(id(10)), 0));
    assert!(damage.missing > 0 && !recovery.is_complete());
}

#[test]
fn without_the_first_page_everything_else_is_saved() {
    for bytes in [16, 100, 4096] {
        let fixture = library();
        let path = fixture.path();
        overwrite(&path, 0, &vec![0; bytes]);
        assert!(matches!(opened(&path), Err(StoreError::Damaged(_))));
        let recovery = recover(&path, UnixMs(123)).unwrap();
        assert!(recovery.is_complete(), "{recovery:#?}");
        let documents = documents(&opened(&path).unwrap());
        assert_eq!(documents.values().sum::<usize>(), 10_000);
    }
}

#[test]
fn a_file_cut_short_gives_what_is_left() {
    let fixture = library();
    let path = fixture.path();
    let length = fs::metadata(&path).unwrap().len();
    File::options().write(true).open(&path).unwrap().set_len(length * 3 / 4 - 1000).unwrap();
    let recovery = recover(&path, UnixMs(123)).unwrap();
    assert!(!recovery.is_complete());
    let updates: usize = documents(&opened(&path).unwrap()).values().sum();
    assert!(updates > 1000, "{updates} updates: {recovery:#?}");
}

#[test]
fn texts_without_a_name_or_project_are_kept() {
    let fixture = library();
    let path = fixture.path();
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(
        "PRAGMA foreign_keys = OFF; PRAGMA recursive_triggers = OFF;
         DROP TRIGGER file_parts_go; DELETE FROM files WHERE path = 'ch/11.tex';
         DROP TRIGGER document_parts_go; DELETE FROM documents WHERE key = 3;
         DELETE FROM projects; UPDATE blob_chunks SET bytes = x'00';",
    )
    .unwrap();
    conn.close().unwrap();
    let recovery = recover(&path, UnixMs(123)).unwrap();
    assert_eq!(recovery.found_files, [at("recovered-1.tex")]);
    assert_eq!(recovery.lost_files, [at("fig.png")]);
    let documents = documents(&opened(&path).unwrap());
    assert_eq!(documents.len(), 10);
    assert_eq!((documents["recovered-1.tex"], documents["ch/12.tex"]), (1000, 1000));
}

#[test]
fn the_log_beside_the_database_is_part_of_what_is_saved() {
    let fixture = library();
    let torn = tempfile::tempdir().unwrap();
    let path = torn.path().join("quire.db");
    let store = opened(&fixture.path()).unwrap();
    let last = store.append(DocumentId(id(19)), payload(19, 1001), "Ada", UnixMs(50)).wait();
    assert_eq!(last, Ok(Seq(1001)));
    fs::copy(fixture.path(), &path).unwrap();
    fs::copy(fixture.folder.path().join("quire.db-wal"), torn.path().join("quire.db-wal")).unwrap();
    drop(store);
    overwrite(&path, page_with(&path, b"update 500 of 12"), &[0xa5; 4096]);
    let recovery = recover(&path, UnixMs(123)).unwrap();
    assert!(recovery.set_aside.exists());
    assert_eq!(documents(&opened(&path).unwrap())["ch/19.tex"], 1001);
    let left = ["quire.db", "quire.db-damaged-123", "quire.db-damaged-123-wal", "quire.db-lock"];
    assert_eq!(names(torn.path()), left);
}

#[test]
fn a_sound_database_comes_through_a_repair_whole() {
    let fixture = library();
    let recovery = recover(&fixture.path(), UnixMs(123)).unwrap();
    assert!(recovery.is_complete(), "{recovery:#?}");
    assert_eq!(saved(&recovery, "updates"), (10_000, false));
    let store = opened(&fixture.path()).unwrap();
    assert_eq!(documents(&store).values().sum::<usize>(), 10_000);
    let project = store.read(|tx| tx.project(ProjectId(id(1)))).unwrap();
    assert_eq!(project.root_file, Some(FileId(id(10))));
    assert_eq!(
        store.read(|tx| tx.blob(ContentHash::of(&vec![9; 300_000]))).unwrap().len(),
        300_000
    );
}

#[test]
fn a_repair_that_was_cut_short_is_finished_or_forgotten() {
    let fixture = library();
    let (path, folder) = (fixture.path(), fixture.folder.path());
    // Before the last step: the old database is still in its place.
    fs::write(folder.join("quire.db-recovered"), "half of it").unwrap();
    assert_eq!(documents(&opened(&path).unwrap()).len(), 10);
    assert_eq!(names(folder), ["quire.db", "quire.db-lock"]);
    // Within it: the old one is aside, its log not yet gone.
    fs::rename(&path, folder.join("quire.db-recovered")).unwrap();
    fs::write(folder.join("quire.db-wal"), "of the old database").unwrap();
    assert_eq!(documents(&opened(&path).unwrap()).len(), 10);
    assert_eq!(names(folder), ["quire.db", "quire.db-lock"]);
}

/// As [`library`], with so much in it that only a doubtful one is read before it is opened; a page that nobody
/// asks for is destroyed.
fn large_and_damaged() -> Fixture {
    let mut fixture = library();
    fixture.reopen();
    let figure: Vec<u8> = (0..12_000_000_u32).map(|byte| (byte >> 12) as u8).collect();
    fixture.store().put_blob(&mut &figure[..], UnixMs(20)).unwrap();
    fixture.store = None;
    let path = fixture.path();
    overwrite(&path, page_with(&path, b"update 500 of 12"), &[0xa5; 4096]);
    fixture
}

#[test]
fn damage_that_is_found_beside_the_opening_is_repaired_at_the_next() {
    let fixture = large_and_damaged();
    let path = fixture.path();
    let mark = fixture.folder.path().join("quire.db-doubted");
    let store = opened(&path).unwrap();
    let began = std::time::Instant::now();
    while !mark.exists() {
        assert!(began.elapsed().as_secs() < 60, "the damage is not found");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    drop(store);
    assert!(matches!(opened(&path), Err(StoreError::Damaged(_))));
    let recovery = recover(&path, UnixMs(123)).unwrap();
    assert_eq!(recovery.documents.len(), 1);
    assert!(!mark.exists());
    assert_eq!(documents(&opened(&path).unwrap()).len(), 10);
}

#[test]
fn a_large_database_is_read_first_when_it_was_left_in_disorder_or_met_damage() {
    let fixture = large_and_damaged();
    let (path, folder) = (fixture.path(), fixture.folder.path());
    let never = Options { check: Check::Never, ..Options::default() };
    let store = Store::open(&path, &never).unwrap();
    let _ = store.append(DocumentId(id(19)), payload(19, 1001), "Ada", UnixMs(50)).wait();
    let log = fs::read(folder.join("quire.db-wal")).unwrap();
    drop(store);
    fs::write(folder.join("quire.db-wal"), &log).unwrap();
    assert!(matches!(opened(&path), Err(StoreError::Damaged(_))));

    let _ = fs::remove_file(folder.join("quire.db-wal"));
    let store = Store::open(&path, &never).unwrap();
    let read = store.read(|tx| tx.updates(DocumentId(id(12)), Seq(0), Seq(1000)));
    assert!(matches!(read, Err(StoreError::Damaged(_))), "{:?}", read.map(|updates| updates.len()));
    drop(store);
    assert!(matches!(opened(&path), Err(StoreError::Damaged(_))));
}

#[test]
fn closing_does_not_wait_for_the_look_at_a_large_database() {
    let mut fixture = library();
    fixture.reopen();
    fixture.store().put_blob(&mut std::io::repeat(7).take(80_000_000), UnixMs(20)).unwrap();
    fixture.store = None;
    for _ in 0..5 {
        drop(opened(&fixture.path()).unwrap());
    }
    assert_eq!(names(fixture.folder.path()), ["quire.db", "quire.db-lock"]);
}

/// Whatever is overwritten: opening says so or gives sound data, a repair never fails or invents
/// text, and most of the text is saved.
#[test]
fn random_damage_never_invents_text() {
    let mut random = Random(seed());
    let fixture = library();
    let sound = fs::read(fixture.path()).unwrap();
    let pages = sound.len() / 4096;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("quire.db");
    let mut saved = Vec::new();
    for round in 0..40 {
        let mut bytes = sound.clone();
        for _ in 0..=random.below(4) {
            let start = random.below(pages) * 4096 + random.below(2) * random.below(4000);
            let length = [1, 16, 4096, 3 * 4096][random.below(4)].min(bytes.len() - start);
            let noise: Vec<u8> = (0..length).map(|_| random.next().to_le_bytes()[0]).collect();
            bytes[start..start + length].copy_from_slice(&noise);
        }
        fs::write(&path, &bytes).unwrap();
        let recovery =
            recover(&path, UnixMs(round)).unwrap_or_else(|error| panic!("round {round}: {error}"));
        let store = opened(&path).unwrap();
        saved.push(documents(&store).values().sum::<usize>());
        assert!(recovery.set_aside.exists());
    }
    saved.sort_unstable();
    println!("updates saved of 10,000: least {}, median {}", saved[0], saved[saved.len() / 2]);
    assert!(saved[saved.len() / 2] > 9_000, "{saved:?}");
}
