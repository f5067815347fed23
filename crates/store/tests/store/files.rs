use crate::{Fixture, at, file, id};
use quire_project::{FileId, ProjectId, UnixMs};
use quire_store::{CaseClash, FileKind, NewFile, StoreError, Thing};

const REFUSE: CaseClash = CaseClash::Refuse;

fn taken(path: &str, by: &str) -> Result<(), StoreError> {
    Err(StoreError::PathTaken { path: at(path), by: at(by) })
}

#[test]
fn a_path_is_taken_once() {
    let fixture = Fixture::with_project();
    fixture.text_file(5, "ch/Intro.tex").unwrap();
    assert_eq!(fixture.text_file(6, "ch/Intro.tex"), taken("ch/Intro.tex", "ch/Intro.tex"));
    assert_eq!(fixture.text_file(6, "CH/intro.tex"), taken("CH/intro.tex", "ch/Intro.tex"));
    assert_eq!(fixture.text_file(6, "ch"), taken("ch", "ch/Intro.tex"));
    let below = "ch/Intro.tex/figure.tex";
    assert_eq!(fixture.text_file(6, below), taken(below, "ch/Intro.tex"));
    // A refused file leaves no document behind.
    fixture.text_file(6, "ch0.tex").unwrap();
    assert_eq!(fixture.paths(), ["ch/Intro.tex", "ch0.tex"]);
}

#[test]
fn two_ways_to_write_an_umlaut_are_one_name() {
    let fixture = Fixture::with_project();
    fixture.text_file(5, "über.tex").unwrap();
    let decomposed = "u\u{308}ber.tex";
    assert_eq!(fixture.text_file(6, decomposed), taken(decomposed, "über.tex"));
}

#[test]
fn an_import_may_bring_names_that_differ_in_case_and_is_told() {
    let fixture = Fixture::with_project();
    fixture.text_file(5, "fig.tex").unwrap();
    let new = NewFile { clash: CaseClash::Allow, ..file(6, "Fig.tex") };
    let document = quire_project::DocumentId(id(6));
    fixture.write(move |tx| tx.create_text_file(&new, document, b"", "Ada", UnixMs(20)));
    let clashes = fixture.read(|tx| tx.case_clashes(ProjectId(id(1))));
    assert_eq!(clashes, [[at("Fig.tex"), at("fig.tex")]]);
}

#[test]
fn a_file_keeps_its_identity_when_it_moves() {
    let mut fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    fixture.write(|tx| tx.move_file(FileId(id(5)), &at("Main.tex"), UnixMs(30), REFUSE));
    fixture.reopen();
    let moved = fixture.read(|tx| tx.file(FileId(id(5))));
    assert_eq!((moved.path, moved.modified), (at("Main.tex"), UnixMs(30)));
    assert_eq!(moved.kind, FileKind::Text(quire_project::DocumentId(id(5))));
}

#[test]
fn a_folder_moves_as_a_whole_or_not_at_all() {
    let fixture = Fixture::with_project();
    for (number, path) in [(5, "a/x.tex"), (6, "a/b/y.tex"), (7, "c/x.tex"), (8, "ab.tex")] {
        fixture.text_file(number, path).unwrap();
    }
    let move_folder = |from: &str, to: &str| {
        let (from, to) = (at(from), at(to));
        fixture
            .store()
            .write(move |tx| tx.move_folder(ProjectId(id(1)), &from, &to, UnixMs(30), REFUSE))
    };
    assert_eq!(
        move_folder("a", "c"),
        Err(StoreError::PathTaken { path: at("c/x.tex"), by: at("c/x.tex") })
    );
    assert_eq!(move_folder("a", "a/b"), Err(StoreError::IntoItself(at("a"))));
    assert_eq!(move_folder("z", "y"), Err(StoreError::NotFound(Thing::Folder(at("z")))));
    assert_eq!(fixture.paths(), ["a/b/y.tex", "a/x.tex", "ab.tex", "c/x.tex"]);

    let moved = move_folder("a", "A").unwrap();
    assert_eq!(moved[0], (at("a/b/y.tex"), at("A/b/y.tex")));
    move_folder("A/b", "c").unwrap();
    assert_eq!(fixture.paths(), ["A/x.tex", "ab.tex", "c/x.tex", "c/y.tex"]);
}

#[test]
fn a_folder_moves_over_what_it_leaves() {
    let fixture = Fixture::with_project();
    fixture.text_file(5, "a/b/b/x.tex").unwrap();
    fixture.text_file(6, "a/b/x.tex").unwrap();
    let (from, to) = (at("a/b"), at("a"));
    fixture.write(move |tx| tx.move_folder(ProjectId(id(1)), &from, &to, UnixMs(30), REFUSE));
    assert_eq!(fixture.paths(), ["a/b/x.tex", "a/x.tex"]);
    assert_eq!(fixture.read(|tx| tx.file(FileId(id(5)))).path, at("a/b/x.tex"));
}

#[test]
fn a_deleted_file_frees_its_name_and_comes_back() {
    let fixture = Fixture::with_project();
    fixture.text_file(5, "ch/one.tex").unwrap();
    fixture.text_file(6, "ch/two.tex").unwrap();
    let trashed = fixture.write(|tx| tx.trash_folder(ProjectId(id(1)), &at("ch"), UnixMs(30)));
    assert_eq!(trashed, 2);
    fixture.text_file(7, "ch/one.tex").unwrap();
    let restore = |number, to: Option<&str>| {
        let to = to.map(at);
        fixture
            .store()
            .write(move |tx| tx.restore_file(FileId(id(number)), to.as_ref(), UnixMs(40), REFUSE))
    };
    assert_eq!(restore(5, None), taken("ch/one.tex", "ch/one.tex"));
    assert_eq!(restore(5, Some("ch/one (2).tex")), Ok(()));
    assert_eq!(restore(6, None), Ok(()));
    assert_eq!(restore(6, None), Err(StoreError::NotFound(Thing::File(FileId(id(6))))));
    assert_eq!(fixture.paths(), ["ch/one (2).tex", "ch/one.tex", "ch/two.tex"]);
}

#[test]
fn only_what_is_in_the_trash_is_deleted_for_good() {
    let fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    let delete = || fixture.store().write(|tx| tx.delete_file(FileId(id(5)), UnixMs(40)));
    assert_eq!(delete(), Err(StoreError::NotFound(Thing::File(FileId(id(5))))));
    fixture.write(|tx| tx.trash_file(FileId(id(5)), UnixMs(30)));
    assert_eq!(fixture.read(|tx| tx.trash(ProjectId(id(1)))).len(), 1);
    assert_eq!(delete(), Ok(()));
    assert_eq!(fixture.read(|tx| tx.trash(ProjectId(id(1)))), []);
}
