use crate::{Fixture, id, project};
use quire_project::{DocumentId, ProjectId, UnixMs};
use quire_store::{Seq, StoreError, Thing, recover};

const PROJECT: ProjectId = ProjectId([1; 16]);
const TALK: DocumentId = DocumentId([7; 16]);

/// A project in whose discussion two things were said.
fn discussed() -> Fixture {
    let fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    fixture.write(|tx| {
        tx.create_discussion(PROJECT, TALK, UnixMs(30))?;
        tx.append(TALK, b"Is this so?", "Ada", UnixMs(31))?;
        tx.append(TALK, b"It is.", "Ben", UnixMs(32))
    });
    fixture
}

fn said(fixture: &Fixture, document: DocumentId) -> Vec<Vec<u8>> {
    let loaded = fixture.read(|tx| tx.load(document));
    loaded.updates.into_iter().map(|update| update.payload).collect()
}

#[test]
fn what_is_said_about_a_project_is_there_after_a_restart_and_is_no_file() {
    let mut fixture = discussed();
    fixture.reopen();
    assert_eq!(fixture.read(|tx| tx.discussion(PROJECT)), Some(TALK));
    assert_eq!(said(&fixture, TALK), [b"Is this so?".to_vec(), b"It is.".to_vec()]);
    assert_eq!(fixture.paths(), ["main.tex"]);
    assert_eq!(fixture.read(|tx| tx.unindexed()).len(), 1, "only texts are found by their words");
}

#[test]
fn a_project_has_one_discussion() {
    let fixture = discussed();
    let again = |document, project| {
        fixture.store().write(move |tx| tx.create_discussion(project, document, UnixMs(40)))
    };
    assert_eq!(again(DocumentId(id(8)), PROJECT), Err(StoreError::Exists(Thing::Document(TALK))));
    fixture.write(|tx| tx.create_project(&project(2, "Talk"), UnixMs(10)));
    let other = ProjectId(id(2));
    assert_eq!(again(TALK, other), Err(StoreError::Exists(Thing::Document(TALK))));
    assert_eq!(fixture.read(|tx| tx.discussion(other)), None);
    assert_eq!(again(DocumentId(id(8)), other), Ok(()));
    assert_eq!(fixture.read(|tx| tx.document(DocumentId(id(8)))).last, Seq(0));
}

#[test]
fn the_discussion_goes_with_its_project_and_is_not_copied() {
    let fixture = discussed();
    fixture.write(|tx| {
        let mut number = 100;
        let mut fresh = || {
            number += 1;
            id(number)
        };
        tx.duplicate_project(PROJECT, ProjectId(id(2)), "Copy", UnixMs(40), &mut fresh)?;
        tx.delete_project(PROJECT, UnixMs(50))
    });
    assert_eq!(fixture.read(|tx| tx.discussion(ProjectId(id(2)))), None);
    let gone = fixture.store().read(|tx| tx.load(TALK)).map(drop);
    assert_eq!(gone, Err(StoreError::NotFound(Thing::Document(TALK))));
    let updates: u32 = rusqlite::Connection::open(fixture.path())
        .unwrap()
        .query_row("SELECT count(*) FROM updates", [], |row| row.get(0))
        .unwrap();
    assert_eq!(updates, 1, "the copied seed of main.tex");
}

/// It must not come back as a file, which is what becomes of a text that lost its name.
#[test]
fn a_repair_keeps_a_discussion_with_its_project_even_when_that_is_lost() {
    for sql in ["UPDATE files SET path = path", "DELETE FROM files; DELETE FROM projects"] {
        let mut fixture = discussed();
        fixture.store = None;
        let conn = rusqlite::Connection::open(fixture.path()).unwrap();
        conn.execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).unwrap();
        conn.close().unwrap();
        let recovery = recover(&fixture.path(), UnixMs(123)).unwrap();
        assert_eq!(recovery.found_files, []);
        fixture.reopen();
        let projects = fixture.read(|tx| tx.projects(quire_store::ProjectState::Active, "", None));
        assert_eq!(projects.len(), 1, "{sql}");
        assert_eq!(fixture.read(|tx| tx.discussion(projects[0].id)), Some(TALK), "{sql}");
        assert_eq!(said(&fixture, TALK).len(), 2, "{sql}");
    }
}
