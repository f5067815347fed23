use crate::{Fixture, Random, id, names, project, seed};
use quire_project::{DocumentId, ProjectId, UnixMs};
use quire_store::{Options, Seq, Store, StoreError};
use std::{
    fs,
    process::{Command, Stdio},
};

const DOCUMENT: DocumentId = DocumentId([5; 16]);

fn append(fixture: &Fixture, bytes: usize) -> Result<Seq, StoreError> {
    fixture.store().append(DOCUMENT, vec![7; bytes], "Ada", UnixMs(30)).wait()
}

#[test]
fn a_full_disk_is_told_and_loses_nothing_acknowledged() {
    let mut fixture = Fixture::with(&Options { max_bytes: Some(400_000), ..Options::default() });
    fixture.write(|tx| tx.create_project(&project(1, "Thesis"), UnixMs(10)));
    fixture.text_file(5, "main.tex").unwrap();
    let (mut acknowledged, mut size) = (1, 20_000);
    // A disk that is full for a paste may still take a keystroke: go on until it takes nothing.
    while size > 0 {
        match append(&fixture, size) {
            Ok(seq) => {
                acknowledged += 1;
                assert_eq!(seq, Seq(acknowledged));
            }
            Err(error) => {
                assert_eq!(error, StoreError::DiskFull);
                size /= 10;
            }
        }
    }
    let figure = fixture.store().put_blob(&mut vec![1; 100_000].as_slice(), UnixMs(20));
    assert_eq!(figure, Err(StoreError::DiskFull));
    let loaded = fixture.read(|tx| tx.load(DOCUMENT));
    assert_eq!((loaded.updates.len() as u64, loaded.missing), (acknowledged, 0));
    // There is space again: it goes on where it stopped.
    fixture.reopen();
    assert_eq!(append(&fixture, 20_000), Ok(Seq(acknowledged + 1)));
    assert_eq!(fixture.store().check(), Ok(Vec::new()));
}

#[test]
fn when_the_disk_fills_within_a_group_every_job_hears_the_truth() {
    let fixture = Fixture::with(&Options { max_bytes: Some(400_000), ..Options::default() });
    fixture.write(|tx| tx.create_project(&project(1, "Thesis"), UnixMs(10)));
    fixture.text_file(5, "main.tex").unwrap();
    let pending: Vec<_> = (0..200u32)
        .map(|i| {
            let payload = vec![u8::try_from(i).unwrap(); 3_000];
            fixture.store().append(DOCUMENT, payload, "Ada", UnixMs(30))
        })
        .collect();
    let answers: Vec<_> = pending.into_iter().map(|pending| pending.wait()).collect();
    let kept: Vec<u8> = (0..200).filter(|i| answers[usize::from(*i)].is_ok()).collect();
    assert!(kept.len() < 200 && answers.iter().flatten().count() == kept.len());
    let loaded = fixture.read(|tx| tx.load(DOCUMENT));
    let there: Vec<u8> = loaded.updates[1..].iter().map(|update| update.payload[0]).collect();
    assert_eq!(there, kept);
}

#[test]
fn a_second_opener_is_refused_until_the_first_is_gone() {
    let mut fixture = Fixture::with_project();
    let path = fixture.path();
    let again = || Store::open(&path, &Options::default()).map(drop);
    assert_eq!(again(), Err(StoreError::InUse));
    assert_eq!(quire_store::recover(&path, UnixMs(1)).map(drop), Err(StoreError::InUse));
    fixture.store = None;
    assert_eq!(again(), Ok(()));
}

#[test]
fn closing_leaves_one_file() {
    let mut fixture = Fixture::with_project();
    fixture.read(|tx| tx.project(ProjectId(id(1))));
    fixture.store = None;
    assert_eq!(names(fixture.folder.path()), ["quire.db", "quire.db-lock"]);
}

/// Root may write anywhere, and then a folder that is not for writing shows nothing; in `/sys` nobody
/// makes files.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let root = fs::write(folder.path().join("probe"), "").is_ok();
    let target = if root { "/sys/kernel/quire.db".into() } else { folder.path().join("quire.db") };
    let opened = Store::open(&target, &Options::default()).map(drop);
    assert_eq!(opened, Err(StoreError::ReadOnly));
}

#[test]
fn a_file_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("quire.db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    conn.close().unwrap();
    let opened = Store::open(&path, &Options::default()).map(drop);
    assert_eq!(opened, Err(StoreError::Foreign));
    assert_eq!(quire_store::recover(&path, UnixMs(1)).map(drop), Err(StoreError::Foreign));
    let conn = rusqlite::Connection::open(&path).unwrap();
    let tables = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0));
    assert_eq!(tables, Ok(1));
}

/// What a power cut leaves: the log up to the last flush, and anything or nothing of what was
/// written after it.
#[test]
fn a_torn_log_loses_only_what_was_not_acknowledged() {
    let mut random = Random(seed());
    let fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    let wal = fixture.folder.path().join("quire.db-wal");
    let mut flushed = Vec::new();
    for _ in 0..60 {
        let seq = append(&fixture, 1 + random.below(3000)).unwrap();
        flushed.push((seq, fs::metadata(&wal).unwrap().len()));
    }
    let torn = tempfile::tempdir().unwrap();
    let database = torn.path().join("quire.db");
    for round in 0..40 {
        let (acknowledged, length) = flushed[random.below(flushed.len())];
        fs::copy(fixture.path(), &database).unwrap();
        let mut log = fs::read(&wal).unwrap();
        let kept = usize::try_from(length).unwrap();
        let end = kept + random.below(log.len() - kept + 1);
        log.truncate(end);
        for _ in 0..random.below(3) {
            if end > kept {
                log[kept + random.below(end - kept)] ^= 0x55;
            }
        }
        fs::write(torn.path().join("quire.db-wal"), log).unwrap();
        let store = Store::open(&database, &Options::default()).unwrap();
        let loaded = store.read(|tx| tx.load(DOCUMENT)).unwrap();
        let there = loaded.updates.len() as u64;
        assert!(there >= acknowledged.0, "round {round}: {there} of {acknowledged:?}");
        assert_eq!(loaded.missing, 0);
        drop(store);
    }
}

/// A disk that refuses to write more than so much of a file, at whatever step of a commit or a
/// checkpoint that falls: `ulimit -f` does that to any program. The child is this same binary.
#[cfg(unix)]
#[test]
fn a_disk_that_fails_in_the_middle_loses_nothing_acknowledged() {
    let name = "failures::a_disk_that_fails_in_the_middle_loses_nothing_acknowledged";
    if let Some(database) = std::env::var_os("QUIRE_STORE_FAILING_DISK") {
        return write_until_the_disk_fails(database.as_ref());
    }
    // In units of 512 bytes; the smallest must let an empty database be made.
    for blocks in [700, 1100, 1301, 2003, 3999, 8000, 9001] {
        let fixture = Fixture::with_project();
        fixture.text_file(5, "main.tex").unwrap();
        let path = fixture.path();
        let Fixture { folder: _folder, store } = fixture;
        drop(store);
        let child = Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f $0; exec \"$@\"", &blocks.to_string()])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env("QUIRE_STORE_FAILING_DISK", &path)
            .stdout(Stdio::piped())
            .output()
            .unwrap();
        let output = String::from_utf8(child.stdout).unwrap();
        assert!(child.status.success(), "{output}");
        let told = output.lines().find_map(|line| line.split("acknowledged ").nth(1));
        let acknowledged: u64 = told.unwrap().trim().parse().unwrap();
        println!("{blocks} blocks: {acknowledged} updates acknowledged before the disk failed");
        let store = Store::open(&path, &Options::default()).unwrap();
        let loaded = store.read(|tx| tx.load(DOCUMENT)).unwrap();
        assert_eq!((loaded.updates.len() as u64, loaded.missing), (acknowledged, 0));
    }
}

#[cfg(unix)]
fn write_until_the_disk_fails(database: &std::path::Path) {
    let store = Store::open(database, &Options::default()).unwrap();
    let (mut acknowledged, mut failures) = (1, 0);
    while failures < 20 {
        match store.append(DOCUMENT, vec![7; 3000], "Ada", UnixMs(30)).wait() {
            Ok(_) => acknowledged += 1,
            Err(StoreError::Disk(_) | StoreError::DiskFull) => failures += 1,
            Err(error) => panic!("{error}"),
        }
    }
    println!("acknowledged {acknowledged}");
}

#[test]
fn a_folder_in_the_place_of_the_database_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("quire.db");
    fs::create_dir(&path).unwrap();
    let opened = Store::open(&path, &Options::default()).map(drop);
    assert!(matches!(opened, Err(StoreError::Disk(_))), "{opened:?}");
}
