use crate::{Fixture, file, id};
use quire_project::{DocumentId, FileId, UnixMs};
use quire_store::{Loaded, Seq, Snapshot, StoreError, Thing};

const DOCUMENT: DocumentId = DocumentId([5; 16]);

fn payloads(loaded: &Loaded) -> Vec<&[u8]> {
    loaded.updates.iter().map(|update| update.payload.as_slice()).collect()
}

#[test]
fn updates_come_back_in_order() {
    let mut fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    let pending: Vec<_> = (0..1000u32)
        .map(|i| fixture.store().append(DOCUMENT, i.to_be_bytes().to_vec(), "Ada", UnixMs(30)))
        .collect();
    for (i, pending) in pending.into_iter().enumerate() {
        assert_eq!(pending.wait(), Ok(Seq(i as u64 + 2)));
    }
    fixture.reopen();
    let loaded = fixture.read(|tx| tx.load(DOCUMENT));
    assert_eq!((loaded.updates.len(), loaded.missing), (1001, 0));
    assert_eq!(payloads(&loaded)[0], b"seed");
    assert_eq!(payloads(&loaded)[1000], 999u32.to_be_bytes());
}

#[test]
fn a_document_is_seeded_once() {
    let fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    let again = fixture.store().write(|tx| {
        tx.create_text_file(&file(6, "other.tex"), DOCUMENT, b"seed", "Ada", UnixMs(30))
    });
    assert_eq!(again, Err(StoreError::Exists(Thing::Document(DOCUMENT))));
    assert_eq!(payloads(&fixture.read(|tx| tx.load(DOCUMENT))), [b"seed"]);
}

#[test]
fn a_snapshot_shortens_loading_and_the_past_stays() {
    let fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    fixture.write(|tx| {
        for edit in [b"two", b"thr", b"fou"] {
            tx.append(DOCUMENT, edit, "Ada", UnixMs(30))?;
        }
        tx.add_snapshot(DOCUMENT, Seq(3), b"one to three", UnixMs(40))
    });
    let snapshot = Snapshot { through: Seq(3), state: b"one to three".to_vec() };
    let now = fixture.read(|tx| tx.load(DOCUMENT));
    assert_eq!((now.snapshot.as_ref(), payloads(&now)), (Some(&snapshot), vec![&b"fou"[..]]));
    let past = fixture.read(|tx| tx.load_at(DOCUMENT, Seq(2)));
    assert_eq!((past.snapshot.as_ref(), payloads(&past)), (None, vec![&b"seed"[..], b"two"]));
    let beyond = fixture.store().read(|tx| tx.load_at(DOCUMENT, Seq(9)));
    assert_eq!(beyond, Err(StoreError::NotFound(Thing::Update(DOCUMENT, 9))));
    let early = fixture.store().write(|tx| tx.add_snapshot(DOCUMENT, Seq(9), b"", UnixMs(40)));
    assert_eq!(early, Err(StoreError::NotFound(Thing::Update(DOCUMENT, 9))));
    assert_eq!(fixture.write(|tx| tx.thin_snapshots(DOCUMENT, 0)), 1);
    assert_eq!(fixture.read(|tx| tx.load(DOCUMENT)).updates.len(), 4);
}

#[test]
fn a_changed_snapshot_is_passed_over_and_a_changed_update_is_told() {
    let fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    fixture.write(|tx| tx.add_snapshot(DOCUMENT, Seq(1), b"state", UnixMs(40)));
    let conn = rusqlite::Connection::open(fixture.path()).unwrap();
    conn.execute("UPDATE snapshots SET state = x'00'", []).unwrap();
    let loaded = fixture.read(|tx| tx.load(DOCUMENT));
    assert_eq!((loaded.snapshot.as_ref(), payloads(&loaded)), (None, vec![&b"seed"[..]]));
    conn.execute("UPDATE updates SET payload = x'00'", []).unwrap();
    let told = StoreError::Damaged(Thing::Update(DOCUMENT, 1).to_string());
    assert_eq!(fixture.store().read(|tx| tx.load(DOCUMENT)), Err(told));
}

#[test]
fn a_job_that_fails_leaves_the_others_of_its_group() {
    let fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    let append = |text: &[u8]| fixture.store().append(DOCUMENT, text.to_vec(), "Ada", UnixMs(30));
    let before = append(b"before");
    let fails = fixture.store().submit(|tx| {
        tx.append(DOCUMENT, b"taken back", "Ada", UnixMs(30))?;
        tx.trash_file(FileId(id(99)), UnixMs(30))
    });
    let after = append(b"after");
    assert_eq!(before.wait(), Ok(Seq(2)));
    assert_eq!(fails.wait(), Err(StoreError::NotFound(Thing::File(FileId(id(99))))));
    assert_eq!(after.wait(), Ok(Seq(3)));
    let loaded = fixture.read(|tx| tx.load(DOCUMENT));
    assert_eq!(payloads(&loaded), [&b"seed"[..], b"before", b"after"]);
}

#[test]
fn what_waits_when_the_store_closes_is_written() {
    let mut fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    let pending: Vec<_> = (0..300)
        .map(|_| fixture.store().append(DOCUMENT, b"edit".to_vec(), "Ada", UnixMs(30)))
        .collect();
    fixture.reopen();
    assert!(pending.iter().all(|pending| matches!(pending.try_wait(), Some(Ok(_)))));
    assert_eq!(fixture.read(|tx| tx.document(DOCUMENT)).last, Seq(301));
}
