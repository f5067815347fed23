use crate::{Fixture, at, file, id, project};
use quire_project::{DocumentId, FileId, ProjectId, UnixMs};
use quire_store::{FileKind, NewProject, ProjectState, Seq, StoreError, Thing};

fn names(fixture: &Fixture, state: ProjectState, search: &str, tag: Option<&str>) -> Vec<String> {
    let found = fixture.read(|tx| tx.projects(state, search, tag));
    found.into_iter().map(|project| project.name).collect()
}

#[test]
fn the_gallery_finds_by_name_and_tag() {
    let fixture = Fixture::new();
    fixture.write(|tx| {
        for (number, name, opened) in [(1, "Thèse", 30), (2, "Talk on quires", 20), (3, "CV", 40)]
        {
            tx.create_project(&project(number, name), UnixMs(opened))?;
        }
        tx.set_tags(ProjectId(id(2)), &["work".to_owned(), "Beamer".to_owned()])?;
        tx.set_tags(ProjectId(id(3)), &["private".to_owned()])
    });
    let active = |search: &str, tag| names(&fixture, ProjectState::Active, search, tag);
    assert_eq!(active("", None), ["CV", "Thèse", "Talk on quires"]);
    assert_eq!(active("THÈSE", None), ["Thèse"]);
    assert_eq!(active("talk beam", None), ["Talk on quires"]);
    assert_eq!(active("", Some("private")), ["CV"]);
    assert_eq!(active("", Some("priv")), [""; 0]);
    fixture.write(|tx| tx.project_opened(ProjectId(id(2)), UnixMs(50)));
    assert_eq!(active("t", None), ["Talk on quires", "CV", "Thèse"]);
    let tags = fixture.read(|tx| tx.tags());
    assert_eq!(tags, [("Beamer".into(), 1), ("private".into(), 1), ("work".into(), 1)]);
}

#[test]
fn a_project_goes_to_the_archive_the_trash_and_back() {
    let mut fixture = Fixture::with_project();
    let set = |fixture: &Fixture, state, now| {
        fixture.write(move |tx| tx.set_project_state(ProjectId(id(1)), state, UnixMs(now)));
    };
    set(&fixture, ProjectState::Trashed, 77);
    set(&fixture, ProjectState::Trashed, 99);
    fixture.reopen();
    let trashed = fixture.read(|tx| tx.project(ProjectId(id(1))));
    assert_eq!((trashed.state, trashed.state_since), (ProjectState::Trashed, UnixMs(77)));
    assert_eq!(names(&fixture, ProjectState::Active, "", None), [""; 0]);
    set(&fixture, ProjectState::Active, 100);
    assert_eq!(names(&fixture, ProjectState::Active, "", None), ["Thesis"]);
}

#[test]
fn what_is_set_is_read_back() {
    let mut fixture = Fixture::new();
    let new = NewProject {
        linked_folder: Some("/home/ada/thèse".to_owned()),
        settings: serde_json::json!({"words": ["Quire"], "wrap": true}),
        ..project(1, "Thesis")
    };
    let settings = new.settings.clone();
    fixture.write(move |tx| tx.create_project(&new, UnixMs(10)));
    fixture.text_file(5, "main.tex").unwrap();
    fixture.write(|tx| {
        tx.rename_project(ProjectId(id(1)), "Doctoral thesis")?;
        tx.set_engine(ProjectId(id(1)), "lualatex")?;
        tx.set_root_file(ProjectId(id(1)), Some(FileId(id(5))))?;
        tx.set_setting("theme", &serde_json::json!("dark"))
    });
    fixture.reopen();
    let read = fixture.read(|tx| tx.project(ProjectId(id(1))));
    assert_eq!((read.name.as_str(), read.engine.as_str()), ("Doctoral thesis", "lualatex"));
    assert_eq!((read.settings, read.root_file), (settings, Some(FileId(id(5)))));
    assert_eq!((read.created, read.opened), (UnixMs(10), UnixMs(10)));
    let linked = fixture.read(|tx| tx.projects_of_folder("/home/ada/thèse"));
    assert_eq!(linked, [ProjectId(id(1))]);
    assert_eq!(fixture.read(|tx| tx.setting("theme")), Some(serde_json::json!("dark")));
    assert_eq!(fixture.read(|tx| tx.setting("font")), None);
}

#[test]
fn a_copy_goes_its_own_way() {
    let fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    fixture.text_file(6, "old.tex").unwrap();
    let (figure, _) = fixture.store().put_blob(&mut &b"pixels"[..], UnixMs(20)).unwrap();
    fixture.write(move |tx| {
        tx.create_binary_file(&file(7, "fig.png"), figure, UnixMs(20))?;
        tx.append(DocumentId(id(5)), b"edit", "Ada", UnixMs(30))?;
        tx.trash_file(FileId(id(6)), UnixMs(30))?;
        tx.set_root_file(ProjectId(id(1)), Some(FileId(id(5))))?;
        let mut next = 100;
        tx.duplicate_project(ProjectId(id(1)), ProjectId(id(2)), "Copy", UnixMs(40), &mut || {
            next += 1;
            id(next)
        })?;
        tx.append(DocumentId(id(5)), b"only in the first", "Ada", UnixMs(50))
    });
    let (files, copy) =
        fixture.read(|tx| Ok((tx.files(ProjectId(id(2)))?, tx.project(ProjectId(id(2)))?)));
    assert_eq!(files.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["fig.png", "main.tex"]);
    assert_eq!((copy.name.as_str(), copy.root_file), ("Copy", Some(files[1].id)));
    let FileKind::Text(document) = files[1].kind else { panic!("a text became something else") };
    assert_ne!(document, DocumentId(id(5)));
    let loaded = fixture.read(|tx| tx.load(document));
    let payloads: Vec<_> = loaded.updates.iter().map(|update| update.payload.as_slice()).collect();
    assert_eq!(payloads, [&b"seed"[..], b"edit"]);
    assert_eq!(fixture.read(|tx| tx.file_at(ProjectId(id(2)), &at("old.tex"))), None);
}

#[test]
fn a_project_deleted_for_good_leaves_nothing() {
    let fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    let (figure, _) = fixture.store().put_blob(&mut &b"pixels"[..], UnixMs(20)).unwrap();
    fixture.write(move |tx| {
        tx.create_binary_file(&file(7, "fig.png"), figure, UnixMs(20))?;
        tx.index_text(FileId(id(5)), Seq(1), "words")?;
        tx.set_root_file(ProjectId(id(1)), Some(FileId(id(5))))?;
        tx.delete_project(ProjectId(id(1)), UnixMs(60))
    });
    let gone = fixture.store().read(|tx| tx.document(DocumentId(id(5))));
    assert_eq!(gone, Err(StoreError::NotFound(Thing::Document(DocumentId(id(5))))));
    // The blob has its grace time, counted from the deletion.
    assert_eq!(fixture.write(|tx| tx.collect_blobs(UnixMs(159), 100)), 0);
    assert_eq!(fixture.write(|tx| tx.collect_blobs(UnixMs(160), 100)), 1);
    assert_eq!(fixture.store().check(), Ok(Vec::new()));
    let empty = rows_left(&fixture);
    assert_eq!(empty, [("authors".to_owned(), 1)], "rows were left behind");
}

/// Tables that still have rows.
fn rows_left(fixture: &Fixture) -> Vec<(String, u32)> {
    let conn = rusqlite::Connection::open(fixture.path()).unwrap();
    let tables = ["projects", "files", "documents", "updates", "snapshots", "versions", "blobs"];
    tables
        .into_iter()
        .chain(["blob_chunks", "file_text", "authors"])
        .map(|table| {
            let sql = format!("SELECT count(*) FROM {table}");
            (table.to_owned(), conn.query_row(&sql, [], |row| row.get(0)).unwrap())
        })
        .filter(|(_, rows)| *rows > 0)
        .collect()
}
