//! Commands: the project's own, LaTeX's and those of loaded packages; behind them those that need a
//! package, which comes with them.

use super::{CompletionItem, CompletionKind, Completions, Place, Ranking, argument_at, snippet};
use crate::{FileEdit, Snapshot};
use quire_latex_syntax::{Role, Signatures, Slot};
use quire_project::ProjectPath;
use quire_text::ByteRange;
use std::collections::{BTreeMap, BTreeSet};

/// Written so often that they come first among equals.
const COMMON: [&str; 36] = [
    "begin",
    "end",
    "section",
    "subsection",
    "subsubsection",
    "chapter",
    "paragraph",
    "textbf",
    "textit",
    "emph",
    "texttt",
    "item",
    "label",
    "ref",
    "eqref",
    "cref",
    "autoref",
    "pageref",
    "cite",
    "citep",
    "citet",
    "parencite",
    "textcite",
    "includegraphics",
    "caption",
    "footnote",
    "frac",
    "sqrt",
    "input",
    "include",
    "usepackage",
    "newcommand",
    "centering",
    "url",
    "href",
    "mathbb",
];

/// What every class for documents defines: the index knows the first classes only, and packages that
/// define these again must not be added for them.
const OF_CLASSES: [&str; 24] = [
    "part",
    "chapter",
    "section",
    "subsection",
    "subsubsection",
    "paragraph",
    "subparagraph",
    "appendix",
    "tableofcontents",
    "listoffigures",
    "listoftables",
    "maketitle",
    "title",
    "author",
    "date",
    "thanks",
    "caption",
    "bibliography",
    "bibitem",
    "newblock",
    "item",
    "footnote",
    "today",
    "frontmatter",
];

const OWN: i32 = 160;
/// More than an exact fit lifts: `\sec` is a function, and who types it nearly always wants a section.
const OFTEN: i32 = 400;
/// What takes arguments that we know is for authors; most of the rest is for packages.
const FAMILIAR: i32 = 60;
const LOADED: i32 = 40;
/// Primitives and what no index knows.
const OTHER: i32 = 0;
const MISSING: i32 = -250;
/// Commands of packages that are not loaded and that few know, when so much of them is typed.
const OBSCURE: i32 = -350;
const OBSCURE_AFTER: usize = 4;

/// Completes the command at `range`, which begins with its backslash.
pub(super) fn complete(place: &Place<'_>, range: ByteRange) -> Completions {
    let typed = place.typed(range).trim_start_matches('\\');
    let mut ranking = Ranking::new(typed);
    let document = place.snapshot.document_of(place.path);
    // What is being defined is named without its arguments.
    let is_name = argument_at(place.text, range.start.0).is_some_and(|around| {
        around.role(place.snapshot.slots(place.file, around.command)) == Role::CommandName
    });
    let has_arguments = is_name || place.text[range.end.0..].starts_with(['{', '[']);
    let item = |name: &str, kind, detail: String, slots: Option<&[Slot]>| {
        let label = format!("\\{name}");
        let name = snippet::escape(&label);
        let slots = if has_arguments { &[] } else { slots.unwrap_or_default() };
        let arguments = snippet::arguments(slots, &mut 1);
        let is_snippet = !arguments.is_empty();
        CompletionItem {
            insert_text: if is_snippet { format!("{name}{arguments}") } else { label.clone() },
            is_snippet,
            filter_text: label.clone(),
            label,
            kind,
            detail,
            range,
            sort_text: String::new(),
            additional_edits: Vec::new(),
        }
    };
    let fits = |name: &str| begins_like(typed, name);
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for (name, (slots, at)) in own_commands(place, &document.files) {
        known.insert(name);
        // The name that is being defined here.
        if at.0 == place.path && at.1.start.0 <= place.offset && place.offset <= at.1.end.0 {
            continue;
        }
        let detail = || format!("{} {}", snippet::signature(slots), at.0).trim().to_owned();
        let kind = CompletionKind::OwnCommand;
        ranking.add(&[name], OWN, || item(name, kind, detail(), Some(slots)));
    }
    let built_in = &Signatures::built_in().commands;
    let catalogue = &place.snapshot.catalogue().commands;
    let is_loaded = |by: &&String| *by == "latex" || document.packages.contains(*by);
    let offered = candidates(catalogue, typed)
        // Others are too many to be of use before something is typed.
        .filter(|(_, by)| !typed.is_empty() || by.iter().any(|by| is_loaded(&by)));
    let unlisted = built_in.keys().filter(|name| !catalogue.contains_key(*name));
    let all = offered.chain(unlisted.map(|name| (name.as_str(), &[] as &[String])));
    for (name, providers) in all.filter(|(name, _)| fits(name) && !known.contains(name)) {
        let slots = built_in.get(name).map(AsRef::as_ref);
        let signature = slots.map(snippet::signature).unwrap_or_default();
        let often = if COMMON.contains(&name) { OFTEN } else { 0 };
        let common = often + if slots.is_some() { FAMILIAR } else { 0 };
        let kind = CompletionKind::Command;
        let providers = if OF_CLASSES.contains(&name) { &[] } else { providers };
        let loaded = providers.iter().find(is_loaded);
        let package = providers.iter().find(|by| !by.ends_with(".cls"));
        match (loaded, package) {
            (Some(by), _) => {
                let by = if by == "latex" { "" } else { by.trim_end_matches(".cls") };
                let detail = || format!("{signature} {by}").trim().to_owned();
                ranking.add(&[name], LOADED + common, || item(name, kind, detail(), slots));
            }
            (None, _) if providers.is_empty() => {
                ranking.add(&[name], OTHER + common, || item(name, kind, signature.clone(), slots));
            }
            // Else a list of what nobody wants would hide what is wanted, and add packages by mistake.
            (None, Some(_)) if slots.is_none() && !is_asked_for(typed, name) => {}
            (None, Some(package)) => {
                let common = if slots.is_none() { OBSCURE } else { common };
                ranking.add(&[name], MISSING + common, || {
                    let detail = format!("{signature} needs package {package}");
                    let edits = use_package(place.snapshot, place.path, package);
                    let item = item(name, kind, detail.trim().to_owned(), slots);
                    CompletionItem { additional_edits: edits.into_iter().collect(), ..item }
                });
            }
            (None, None) => {}
        }
    }
    ranking.finish()
}

/// Names of the catalogue that begin with the same letter as what is typed, in either case.
fn candidates<'a>(
    catalogue: &'a BTreeMap<String, Vec<String>>,
    typed: &str,
) -> impl Iterator<Item = (&'a str, &'a [String])> {
    let first = typed.chars().next();
    let range = move |c: Option<char>| {
        let (from, to) = match c {
            Some(c) => (c.to_string(), char::from_u32(u32::from(c) + 1).map(String::from)),
            None => (String::new(), None),
        };
        let to = to.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        catalogue.range::<String, _>((std::ops::Bound::Included(from), to))
    };
    let other = first.map(|c| {
        if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
    });
    let other = other.filter(|c| Some(*c) != first).map(|c| range(Some(c)));
    let found = range(first).chain(other.into_iter().flatten());
    found.map(|(name, providers)| (name.as_str(), providers.as_slice()))
}

/// True if the first letters agree: who types `\sec` does not look for `\parsec`.
fn begins_like(typed: &str, name: &str) -> bool {
    match (typed.chars().next(), name.chars().next()) {
        (Some(typed), Some(first)) => typed.eq_ignore_ascii_case(&first),
        (None, Some(first)) => first.is_alphabetic(),
        (_, None) => false,
    }
}

/// True if enough of a name that few know has been typed.
pub(super) fn is_asked_for(typed: &str, name: &str) -> bool {
    typed.len() >= OBSCURE_AFTER && name.starts_with(typed)
}

type Own<'a> = BTreeMap<&'a str, (&'a [Slot], (&'a ProjectPath, ByteRange))>;

/// What the document defines, and where.
fn own_commands<'a>(place: &Place<'a>, files: &'a [ProjectPath]) -> Own<'a> {
    let mut own = Own::new();
    for path in files {
        let Some(file) = place.snapshot.latex(path) else { continue };
        for definition in file.tree().definitions() {
            // `\my@internal` is for packages.
            let is_internal = definition.name.contains('@') && !place.file.is_package();
            let slots = file.tree().signatures().commands.get(&definition.name);
            if let (Some(slots), false) = (slots, is_internal) {
                own.insert(&definition.name, (slots, (path, definition.name_range)));
            }
        }
    }
    own
}

/// `\usepackage{package}` behind the last one of the document that `path` belongs to, or behind its class.
pub(super) fn use_package(
    snapshot: &Snapshot,
    path: &ProjectPath,
    package: &str,
) -> Option<FileEdit> {
    let document = snapshot.document_of(path);
    let file = snapshot.latex(&document.root)?;
    let tree = file.tree();
    let header = file.header();
    let preamble_end = tree.nodes().find_map(|node| {
        let kind = quire_latex_syntax::EnvironmentKind::Document;
        let is_document = tree.kind(node) == quire_latex_syntax::NodeKind::Environment(kind);
        is_document.then(|| tree.range(node).start)
    });
    let is_before = |range: &ByteRange| preamble_end.is_none_or(|end| range.end <= end);
    let last = header.packages.iter().map(|package| package.range).rfind(is_before);
    let behind = last.or(header.class.as_ref().map(|class| class.range))?.end.0;
    // Behind a comment on the same line.
    let rest = &file.text()[behind..];
    let line = rest.find('\n').unwrap_or(rest.len());
    let is_free = rest[..line].trim().is_empty() || rest[..line].trim_start().starts_with('%');
    let at = if is_free { behind + line } else { behind };
    let at = at - usize::from(is_free && rest[..line].ends_with('\r'));
    Some(FileEdit {
        path: document.root.clone(),
        range: ByteRange::new(at, at),
        text: format!("\n\\usepackage{{{package}}}"),
    })
}
