use crate::{Fixture, id};
use quire_project::{DocumentId, UnixMs, VersionId};
use quire_store::{NewVersion, Seq, Span, StoreError, Thing, Version};

const DOCUMENT: DocumentId = DocumentId([5; 16]);

/// A document with edits at these times, in milliseconds.
fn edited(edits: &'static [(&'static str, i64)]) -> Fixture {
    let fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    fixture.write(|tx| {
        edits.iter().try_for_each(|(author, time)| {
            tx.append(DOCUMENT, b"edit", author, UnixMs(*time)).map(drop)
        })
    });
    fixture
}

#[test]
fn history_is_told_in_stretches_of_work() {
    let fixture = edited(&[("Ada", 100), ("Ada", 900), ("Bob", 950), ("Bob", 9000), ("Bob", 8000)]);
    let span = |first, last, began, ended, author: &str| Span {
        first: Seq(first),
        last: Seq(last),
        began: UnixMs(began),
        ended: UnixMs(ended),
        author: author.to_owned(),
    };
    let history = fixture.read(|tx| tx.history(DOCUMENT, Seq(1), None, 1000));
    let told = [
        span(2, 3, 100, 900, "Ada"),
        span(4, 4, 950, 950, "Bob"),
        span(5, 5, 9000, 9000, "Bob"),
        // The clock was set back: a span never ends before it began.
        span(6, 6, 8000, 8000, "Bob"),
    ];
    assert_eq!(history, told);
    let since = |after, through| fixture.read(|tx| tx.history(DOCUMENT, after, through, 1000));
    assert_eq!(since(Seq(3), None), told[1..]);
    assert_eq!(since(Seq(1), Some(Seq(4))), told[..2]);
}

#[test]
fn any_moment_of_the_past_can_be_found() {
    let fixture = edited(&[("Ada", 100), ("Ada", 900)]);
    let at = |time| fixture.read(|tx| tx.seq_at(DOCUMENT, UnixMs(time)));
    assert_eq!(
        (at(19), at(20), at(899), at(900)),
        (None, Some(Seq(1)), Some(Seq(2)), Some(Seq(3)))
    );
}

#[test]
fn a_version_keeps_its_name() {
    let mut fixture = edited(&[("Ada", 100)]);
    let name = |seq, number, name: &'static str| {
        fixture.store().write(move |tx| {
            let (id, name) = (VersionId(id(number)), name.to_owned());
            let new = NewVersion { id, name, of_project: number == 2 };
            tx.name_version(&new, DOCUMENT, Seq(seq), UnixMs(200))
        })
    };
    name(2, 1, "handed in").unwrap();
    name(1, 2, "empty").unwrap();
    assert_eq!(name(1, 2, "x"), Err(StoreError::Exists(Thing::Version(VersionId(id(2))))));
    assert_eq!(name(3, 3, "x"), Err(StoreError::NotFound(Thing::Update(DOCUMENT, 3))));
    fixture.write(|tx| {
        tx.rename_version(VersionId(id(1)), "submitted")?;
        tx.forget_version(VersionId(id(2)))
    });
    fixture.reopen();
    let version = Version {
        id: VersionId(id(1)),
        seq: Seq(2),
        name: "submitted".to_owned(),
        created: UnixMs(200),
        of_project: false,
    };
    assert_eq!(fixture.read(|tx| tx.versions(DOCUMENT)), [version]);
}
