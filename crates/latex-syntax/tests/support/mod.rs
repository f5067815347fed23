//! What every test of the parser demands, and the documents beside the repository.

use quire_latex_syntax::{Step, Tree, facts};
use quire_text::ByteRange;
use std::path::{Path, PathBuf};

/// Panics unless the tokens are the text, nodes nest, and every fact points into the text.
pub(crate) fn check(tree: &Tree) {
    let mut end = 0;
    for (_, range) in tree.tokens() {
        assert_eq!(range.start.0, end, "a gap or an overlap");
        assert!(!range.is_empty(), "an empty token at {end}");
        inside(tree, range);
        end = range.end.0;
    }
    assert_eq!(end, tree.text().len(), "the end is lost");
    let mut open = 0;
    let mut tokens = 0;
    let mut nodes = 0;
    for step in tree.walk(tree.root()) {
        match step {
            Step::Enter(node) => {
                open += 1;
                nodes += 1;
                inside(tree, tree.range(node));
            }
            Step::Leave(_) => open -= 1,
            Step::Token(..) => tokens += 1,
        }
    }
    assert_eq!(open, 0);
    assert_eq!(tokens, tree.tokens().count(), "a token is in no node");
    assert_eq!(nodes, tree.nodes().count(), "a node is in no node");
    facts_inside(tree);
}

fn facts_inside(tree: &Tree) {
    let within = |range| inside(tree, range);
    for error in tree.errors() {
        within(error.range);
        within(error.related);
    }
    for definition in tree.definitions() {
        within(definition.name_range);
        within(definition.range);
        definition.body.into_iter().for_each(within);
    }
    let header = facts::header(tree);
    for found in header.class.iter().chain(&header.packages) {
        within(found.name_range);
        found.options.iter().copied().for_each(within);
    }
    for section in facts::outline(tree) {
        within(section.heading);
        within(section.range);
        section.title.into_iter().chain(section.short_title).for_each(within);
    }
    for label in facts::labels(tree) {
        assert_eq!(tree.slice(label.name_range), label.name);
        within(label.range);
        label.title.into_iter().for_each(within);
    }
    facts::references(tree)
        .iter()
        .for_each(|found| assert_eq!(tree.slice(found.name_range), found.name));
    facts::citations(tree)
        .iter()
        .for_each(|found| assert_eq!(tree.slice(found.key_range), found.key));
    for file in facts::file_references(tree) {
        within(file.name_range);
        file.folder.into_iter().for_each(within);
    }
    for environment in facts::environments(tree) {
        within(environment.name);
        within(environment.body);
        environment.end_name.into_iter().for_each(within);
    }
    facts::foldings(tree).iter().for_each(|folding| within(folding.range));
    facts::command_uses(tree).for_each(|used| within(used.name_range));
    facts::magic_comments(tree).iter().for_each(|comment| within(comment.value_range));
    let mut last = 0;
    for prose in facts::prose(tree) {
        within(prose.range);
        assert!(last <= prose.range.start.0, "prose is out of order");
        last = prose.range.end.0;
    }
    for word in facts::words(tree) {
        within(word.range);
        assert!(!word.text.is_empty() && !word.range.is_empty());
    }
    let count = facts::word_count(tree);
    let body: usize = count.sections.iter().map(|section| section.own.body).sum();
    assert_eq!(body, count.total.body);
}

fn inside(tree: &Tree, range: ByteRange) {
    assert!(tree.text().get(range.as_range()).is_some(), "{range:?} is not in the text");
}

/// The folder of documents beside the repository.
#[allow(dead_code)]
pub(crate) fn corpus() -> PathBuf {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    assert!(corpus.is_dir(), "the corpus lies beside the repository: {}", corpus.display());
    corpus
}
