//! The parsers of LaTeX and BibTeX.

use quire_latex_syntax::{ParseOptions, Step, Tree, bib as bibtex, facts, parse, parse_with};
use quire_text::ByteRange;

/// A LaTeX source, as a document and as a package.
pub fn latex(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let tree = parse(&*text);
    whole(&tree);
    let options = ParseOptions { is_package: true, signatures: Some(tree.signatures()) };
    whole(&parse_with(&*text, options));
}

/// Tokens and nodes are complete and every fact lies in the text.
fn whole(tree: &Tree) {
    let mut end = 0;
    for (_, range) in tree.tokens() {
        assert!(range.start.0 == end && !range.is_empty(), "{range:?} follows {end}");
        inside(tree.text(), range);
        end = range.end.0;
    }
    assert_eq!(end, tree.text().len());
    let steps = tree.walk(tree.root());
    let tokens = steps.filter(|step| matches!(step, Step::Token(..))).count();
    assert_eq!(tokens, tree.tokens().count());
    let within = |range| inside(tree.text(), range);
    tree.errors().iter().flat_map(|error| [error.range, error.related]).for_each(within);
    for definition in tree.definitions() {
        [definition.range, definition.name_range]
            .into_iter()
            .chain(definition.body)
            .for_each(within);
    }
    for package in facts::header(tree).packages {
        package.options.into_iter().chain([package.name_range]).for_each(within);
    }
    for section in facts::outline(tree) {
        within(section.range);
        section.title.into_iter().chain(section.short_title).for_each(within);
    }
    for label in facts::labels(tree) {
        label.title.into_iter().chain([label.name_range]).for_each(within);
    }
    facts::references(tree).iter().for_each(|found| within(found.name_range));
    facts::citations(tree).iter().for_each(|found| within(found.key_range));
    facts::file_references(tree).iter().for_each(|found| within(found.name_range));
    for found in facts::environments(tree) {
        found.end_name.into_iter().chain([found.name, found.body]).for_each(within);
    }
    facts::foldings(tree).iter().for_each(|found| within(found.range));
    facts::command_uses(tree).for_each(|found| within(found.name_range));
    facts::magic_comments(tree).iter().for_each(|found| within(found.value_range));
    facts::prose(tree).iter().for_each(|found| within(found.range));
    let words = facts::words(tree);
    words.iter().for_each(|word| within(word.range));
    let total = facts::word_count(tree).total;
    assert_eq!(words.len(), total.body + total.headings + total.captions + total.footnotes);
}

/// A bibliography.
pub fn bib(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    let bibliography = bibtex::parse(text);
    let mut end = 0;
    for item in &bibliography.items {
        assert!(item.range.start.0 == end && !item.range.is_empty(), "{item:?}");
        inside(text, item.range);
        end = item.range.end.0;
    }
    assert_eq!(end, text.len());
    bibliography.errors.iter().for_each(|error| inside(text, error.range));
    for entry in bibliography.entries() {
        [entry.key, entry.entry_type].into_iter().for_each(|range| inside(text, range));
        for field in &entry.fields {
            [field.name, field.value].into_iter().for_each(|range| inside(text, range));
            field.pieces.iter().for_each(|piece| inside(text, piece.content));
            let value = bibtex::value_text(&bibliography, text, &field.pieces);
            let names = bibtex::split_names(&value);
            assert!(names.len() <= value.len(), "more names than bytes");
        }
    }
}

fn inside(text: &str, range: ByteRange) {
    assert!(text.get(range.as_range()).is_some(), "{range:?}");
}
