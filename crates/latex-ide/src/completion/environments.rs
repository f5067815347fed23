//! Environments in `\begin{` and `\end{`.

use super::{
    CompletionItem, CompletionKind, Completions, Place, Ranking,
    commands::{is_asked_for, use_package},
    context::Argument,
    frequent, item_at, plain, snippet,
};
use crate::FileEdit;
use quire_latex_syntax::{EnvironmentKind, NodeKind, Signatures, facts};
use quire_text::ByteRange;
use std::collections::BTreeMap;

/// What every class for documents defines; see the commands.
const OF_CLASSES: [&str; 13] = [
    "abstract",
    "description",
    "figure",
    "figure*",
    "quotation",
    "quote",
    "table",
    "table*",
    "thebibliography",
    "theindex",
    "titlepage",
    "verse",
    "document",
];

const OWN: i32 = 170;
const LOADED: i32 = 40;
const MISSING: i32 = -250;

/// Completes the name in `\begin{` or `\end{`.
pub(super) fn complete(place: &Place<'_>, argument: &Argument<'_>) -> Completions {
    if argument.command == "end" { end(place, argument) } else { begin(place, argument) }
}

/// Completes a name without writing an environment.
pub(super) fn names(place: &Place<'_>, argument: &Argument<'_>) -> Completions {
    let range = item_at(place.text, argument.start, place.offset);
    candidates(place, range, |name, _, detail| {
        plain(name, CompletionKind::Environment, detail, range)
    })
}

fn begin(place: &Place<'_>, argument: &Argument<'_>) -> Completions {
    let name_range = item_at(place.text, argument.start, place.offset);
    let is_closed = place.text[name_range.end.0..].starts_with('}');
    if let Some(end_name) = end_name_at(place, name_range) {
        // The environment is there already: only its name changes, at both ends.
        return candidates(place, name_range, |name, _, detail| CompletionItem {
            additional_edits: vec![FileEdit {
                path: place.path.clone(),
                range: end_name,
                text: name.to_owned(),
            }],
            ..plain(name, CompletionKind::Environment, detail, name_range)
        });
    }
    let range = ByteRange::new(name_range.start.0, name_range.end.0 + usize::from(is_closed));
    let line = place.text[range.end.0..].split('\n').next().unwrap_or_default();
    let is_alone = line.trim().is_empty();
    candidates(place, range, |name, signature, detail| {
        let escaped = snippet::escape(name);
        let kind = signature.map(|signature| signature.kind).unwrap_or_default();
        let slots = signature.map(|signature| signature.slots.as_ref()).unwrap_or_default();
        let insert_text = if is_alone {
            let mut next = 1;
            let arguments = snippet::arguments(slots, &mut next);
            let item = if kind == EnvironmentKind::List { "\\\\item " } else { "" };
            // A document and a proof are written without indentation by most; the others with.
            let indent = if kind == EnvironmentKind::Document { "" } else { "\t" };
            format!("{escaped}\\}}{arguments}\n{indent}{item}$0\n\\\\end{{{escaped}\\}}")
        } else {
            // Something stands behind: what belongs into the environment is not known.
            format!("{escaped}\\}}")
        };
        let item = plain(name, CompletionKind::Environment, detail, range);
        CompletionItem { insert_text, is_snippet: true, ..item }
    })
}

/// The name in the `\end` of the environment whose name is at `name_range`.
fn end_name_at(place: &Place<'_>, name_range: ByteRange) -> Option<ByteRange> {
    let environments = facts::environments(place.file.tree());
    let found = environments.into_iter().find(|found| found.name.start == name_range.start)?;
    found.end_name
}

/// The environments that are open, the innermost first.
fn end(place: &Place<'_>, argument: &Argument<'_>) -> Completions {
    let name_range = item_at(place.text, argument.start, place.offset);
    let is_closed = place.text[name_range.end.0..].starts_with('}');
    let typed = place.typed(name_range);
    let mut ranking = Ranking::new(typed);
    let mut seen: Vec<&str> = Vec::new();
    for name in open_environments(place.file.tree(), argument.start) {
        if seen.contains(&name) {
            continue;
        }
        let depth = i32::try_from(seen.len()).unwrap_or(i32::MAX);
        seen.push(name);
        // Nearness weighs more than the length of the name.
        ranking.add(&[name], -100 * depth.min(9), || {
            let insert_text = if is_closed { name.to_owned() } else { format!("{name}}}") };
            let item = plain(name, CompletionKind::Environment, String::new(), name_range);
            CompletionItem { insert_text, ..item }
        });
    }
    ranking.finish()
}

/// The environments that are open at `offset`, the innermost first, whatever follows.
pub(crate) fn open_environments(tree: &quire_latex_syntax::Tree, offset: usize) -> Vec<&str> {
    let mut open: Vec<&str> = Vec::new();
    for node in tree.nodes() {
        let range = tree.range(node);
        if range.start.0 >= offset {
            break;
        }
        let Some(name) = tree.name(node) else { continue };
        // What is being written is neither.
        let is_here = range.end.0 >= offset;
        match tree.kind(node) {
            NodeKind::Begin => open.push(name),
            NodeKind::End if !is_here => {
                if let Some(at) = open.iter().rposition(|opened| *opened == name) {
                    open.truncate(at);
                }
            }
            _ => {}
        }
    }
    open.reverse();
    open
}

fn candidates(
    place: &Place<'_>,
    range: ByteRange,
    item: impl Fn(&str, Option<&quire_latex_syntax::EnvironmentSignature>, String) -> CompletionItem,
) -> Completions {
    let typed = place.typed(range);
    let mut ranking = Ranking::new(typed);
    let document = place.snapshot.document_of(place.path);
    let mut own: BTreeMap<&str, String> = BTreeMap::new();
    for path in &document.files {
        let Some(file) = place.snapshot.latex(path) else { continue };
        for definition in file.tree().definitions() {
            if file.tree().signatures().environments.contains_key(&definition.name) {
                own.insert(&definition.name, path.to_string());
            }
        }
    }
    for (name, path) in &own {
        let signature = place.snapshot.environment(place.file, name);
        let kind = CompletionKind::Environment;
        ranking
            .add(&[name], OWN, || CompletionItem { kind, ..item(name, signature, path.clone()) });
    }
    let catalogue = &place.snapshot.catalogue().environments;
    let mut all: BTreeMap<&str, &[String]> =
        Signatures::built_in().environments.keys().map(|n| (n.as_str(), &[] as &[_])).collect();
    all.extend(catalogue.iter().map(|(name, by)| (name.as_str(), by.as_slice())));
    for (name, providers) in all {
        if own.contains_key(name) {
            continue;
        }
        let signature = Signatures::built_in().environments.get(name);
        let providers = if OF_CLASSES.contains(&name) { &[] } else { providers };
        let loaded = providers.iter().find(|by| *by == "latex" || document.packages.contains(*by));
        let package = providers.iter().find(|by| !by.ends_with(".cls"));
        let often = frequent::bonus(frequent::ENVIRONMENTS, name);
        match (loaded, package) {
            (Some(by), _) => {
                let by = if by == "latex" { "" } else { by.trim_end_matches(".cls") };
                ranking.add(&[name], LOADED + often, || item(name, signature, by.to_owned()));
            }
            (None, _) if providers.is_empty() => {
                ranking.add(&[name], often, || item(name, signature, String::new()));
            }
            (None, Some(_)) if signature.is_none() && !is_asked_for(typed, name) => {}
            (None, Some(package)) if !typed.is_empty() => {
                ranking.add(&[name], MISSING + often, || {
                    let item = item(name, signature, format!("needs package {package}"));
                    let edit = use_package(place.snapshot, place.path, package);
                    let additional_edits = item.additional_edits.into_iter().chain(edit).collect();
                    CompletionItem { additional_edits, ..item }
                })
            }
            (None, _) => {}
        }
    }
    ranking.finish()
}
