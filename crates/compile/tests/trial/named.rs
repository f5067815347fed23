//! Edits that a trial has found a difference with.

use crate::{
    documents::DOCUMENTS,
    shrink::fails,
    steps::{Change, Step, Then},
};
use quire_project::ProjectPath;

fn write(file: &str, at: usize, text: &str, then: Then) -> Step {
    let file = ProjectPath::new(file).unwrap();
    let changes = vec![Change::Splice { file, at, removed: 0, inserted: text.into() }];
    Step { what: "write", changes, is_expected: false, then }
}

fn assert_right(document: &str, steps: &[Step]) {
    let document = DOCUMENTS.iter().find(|known| known.name == document).unwrap();
    if let Some((taken, why)) = fails(document, steps) {
        panic!("after {taken} of {} edits: {why}", steps.len());
    }
}

#[test]
fn text_before_the_document_is_in_its_place() {
    let steps = [
        write("preamble.tex", 184, "so o", Then::Pause),
        write("chapters/end.tex", 410, "% ", Then::Settle),
        write("chapters/end.tex", 273, r"\pageref{sec:straw} ", Then::Settle),
        write("chapters/end.tex", 241, r"$\left( \int f \right)$ ", Then::Pause),
    ];
    assert_right("report", &steps);
}
