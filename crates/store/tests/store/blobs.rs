use crate::{Fixture, file, id};
use quire_project::{ContentHash, FileId, UnixMs};
use quire_store::{StoreError, Thing};
use std::io::{self, Read};

/// A figure of some megabytes, of which no two chunks are alike.
fn figure() -> Vec<u8> {
    (0..3_000_000u32).flat_map(|i| (i / 7).to_le_bytes()).take(3_100_000).collect()
}

#[test]
fn a_large_figure_is_stored_once_and_read_back() {
    let mut fixture = Fixture::with_project();
    let bytes = figure();
    let put = |fixture: &Fixture| fixture.store().put_blob(&mut bytes.as_slice(), UnixMs(20));
    let stored = put(&fixture).unwrap();
    assert_eq!(stored, (ContentHash::of(&bytes), bytes.len() as u64));
    assert_eq!(put(&fixture).unwrap(), stored);
    fixture.reopen();
    assert!(fixture.read(|tx| tx.blob(stored.0)) == bytes);
    let conn = rusqlite::Connection::open(fixture.path()).unwrap();
    let stored_bytes = "SELECT sum(length(bytes)) FROM blob_chunks";
    assert_eq!(conn.query_row(stored_bytes, [], |row| row.get(0)), Ok(stored.1));
    let (empty, _) = fixture.store().put_blob(&mut io::empty(), UnixMs(20)).unwrap();
    assert_eq!(fixture.read(|tx| tx.blob(empty)), b"");
}

#[test]
fn a_source_that_fails_leaves_nothing() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the stick was pulled out"))
        }
    }
    let fixture = Fixture::with_project();
    let bytes = figure();
    let mut source = (&bytes[..1_000_000]).chain(Fails);
    let failed = fixture.store().put_blob(&mut source, UnixMs(20));
    assert_eq!(failed, Err(StoreError::Disk("the stick was pulled out".to_owned())));
    let conn = rusqlite::Connection::open(fixture.path()).unwrap();
    let left = conn.query_row("SELECT count(*) FROM blob_chunks", [], |row| row.get(0));
    assert_eq!(left, Ok(0));
}

#[test]
fn a_replaced_figure_stays_for_its_grace_time() {
    let fixture = Fixture::with_project();
    let put = |bytes: &[u8]| fixture.store().put_blob(&mut { bytes }, UnixMs(20)).unwrap().0;
    let (old, new) = (put(b"old"), put(b"new"));
    fixture.write(move |tx| {
        tx.create_binary_file(&file(5, "fig.png"), old, UnixMs(20))?;
        tx.replace_binary(FileId(id(5)), new, UnixMs(500))
    });
    assert_eq!(fixture.write(|tx| tx.collect_blobs(UnixMs(1_499), 1_000)), 0);
    assert_eq!(fixture.write(|tx| tx.collect_blobs(UnixMs(1_500), 1_000)), 1);
    assert!(!fixture.read(|tx| tx.has_blob(old)));
    assert_eq!(fixture.read(|tx| tx.blob(new)), b"new");
}

#[test]
fn changed_bytes_are_noticed() {
    let fixture = Fixture::with_project();
    let (hash, _) = fixture.store().put_blob(&mut &b"pixels"[..], UnixMs(20)).unwrap();
    let conn = rusqlite::Connection::open(fixture.path()).unwrap();
    conn.execute("UPDATE blob_chunks SET bytes = x'00'", []).unwrap();
    let damaged = StoreError::Damaged(Thing::Blob(hash).to_string());
    assert_eq!(fixture.store().read(|tx| tx.blob(hash)), Err(damaged));
}
