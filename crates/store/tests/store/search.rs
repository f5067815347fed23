use crate::{Fixture, id};
use quire_project::{DocumentId, FileId, ProjectId, UnixMs};
use quire_store::{Seq, StoreError};

/// The hits of a query as `path:line: text` with `[…]` around what was found.
fn found(fixture: &Fixture, query: &str) -> Vec<String> {
    let hits = fixture.read(|tx| tx.search(ProjectId(id(1)), query, 10, 10));
    let mut found = Vec::new();
    for hit in hits {
        for line in hit.lines {
            let mut text = line.text.clone();
            for range in line.matches.iter().rev() {
                text.insert(range.end.0, ']');
                text.insert(range.start.0, '[');
            }
            found.push(format!("{}:{}: {text}", hit.path, line.line.0));
        }
    }
    found.sort();
    found
}

fn library() -> Fixture {
    let fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    fixture.text_file(6, "refs.bib").unwrap();
    fixture.write(|tx| {
        let main = "\\section{Größe}\r\nSee \\cite{knuth84}.\n\nThe first word\nof a quire.\n";
        tx.index_text(FileId(id(5)), Seq(1), main)?;
        tx.index_text(FileId(id(6)), Seq(1), "@book{knuth84, title = {The {\\TeX}book}}\u{1}")
    });
    fixture
}

#[test]
fn words_are_found_with_their_lines() {
    let fixture = library();
    let cite = "main.tex:2: See \\cite{[knuth84]}.";
    let book = "refs.bib:1: @book{[knuth84], title = {The {\\TeX}book}} ";
    assert_eq!(found(&fixture, "knuth84"), [cite, book]);
    assert_eq!(found(&fixture, "GROSSE"), [""; 0]);
    assert_eq!(found(&fixture, "größe"), ["main.tex:1: \\section{[Größe]}"]);
    assert_eq!(found(&fixture, "grö"), ["main.tex:1: \\section{[Größe]}"]);
    assert_eq!(found(&fixture, "\\cite{knuth84}"), ["main.tex:2: See \\[cite{knuth84]}."]);
    assert_eq!(
        found(&fixture, "\"word of\""),
        ["main.tex:4: The first [word]", "main.tex:5: [of] a quire."]
    );
    assert_eq!(found(&fixture, "\"of word\""), [""; 0]);
}

#[test]
fn no_query_is_a_syntax_error() {
    let fixture = library();
    for query in
        ["", " ", "\"", "\"\"", "NEAR(", "a AND", "*", "-x", "text:", "{}", "\\", "\0", "'"]
    {
        found(&fixture, query);
        found(&fixture, &format!("{query} knuth84 {query}"));
    }
}

#[test]
fn deleted_files_are_not_found_and_an_older_text_changes_nothing() {
    let fixture = library();
    fixture.write(|tx| {
        tx.append(DocumentId(id(5)), b"edit", "Ada", UnixMs(30))?;
        tx.index_text(FileId(id(5)), Seq(2), "new words")?;
        tx.index_text(FileId(id(5)), Seq(1), "old words")?;
        tx.trash_file(FileId(id(6)), UnixMs(30))
    });
    assert_eq!(found(&fixture, "words"), ["main.tex:1: new [words]"]);
    assert_eq!(found(&fixture, "knuth84"), [""; 0]);
}

#[test]
fn texts_that_have_gone_on_are_named() -> Result<(), StoreError> {
    let fixture = library();
    let unindexed = || fixture.store().read(|tx| tx.unindexed());
    assert_eq!(unindexed()?, []);
    fixture.store().append(DocumentId(id(6)), b"edit".to_vec(), "Ada", UnixMs(30)).wait()?;
    assert_eq!(unindexed()?, [(FileId(id(6)), DocumentId(id(6)))]);
    Ok(())
}
