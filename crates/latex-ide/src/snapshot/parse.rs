//! Parsing again as little as may be. What a file defines is first read from its text alone, so that the
//! trees depend on the texts and not on the order of the edits; then each file is parsed with what all
//! files define. An edit parses its own file, and the others only if they use a name whose definition
//! it changed.

use super::{BibFile, Content, File, LatexFile};
use quire_latex_syntax::{DefinitionKind, NodeKind, ParseOptions, Signatures, Tree, parse_with};
use quire_project::ProjectPath;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

type Files = BTreeMap<ProjectPath, File>;

/// What can begin a definition, behind the backslash.
const DEFINING: [&str; 22] = [
    "newcommand",
    "newrobust",
    "newenv",
    "newtheorem",
    "newmd",
    "newtc",
    "newmint",
    "def",
    "gdef",
    "edef",
    "xdef",
    "renew",
    "provide",
    "Declare",
    "NewDoc",
    "NewExp",
    "RenewDoc",
    "ProvideDoc",
    "lstnewenv",
    "declaretheorem",
    "spnewtheorem",
    "excludecomment",
];

/// A file whose tree may still have to be made.
enum Draft {
    Ready(File),
    Latex { text: Arc<str>, is_package: bool, own: Arc<Signatures>, alone: Option<Box<Tree>> },
}

/// All files anew; what is in `old` with the same text is kept where that is right.
pub(super) fn all(
    old: &Files,
    old_signatures: &Arc<Signatures>,
    contents: BTreeMap<ProjectPath, Content>,
) -> (Files, Arc<Signatures>) {
    let drafts = contents.into_iter().map(|(path, content)| {
        let draft = draft(old.get(&path), &path, content);
        (path, draft)
    });
    finish(old_signatures, drafts.collect())
}

/// One file changed.
pub(super) fn one(
    old: &Files,
    old_signatures: &Arc<Signatures>,
    path: ProjectPath,
    content: Content,
) -> (Files, Arc<Signatures>) {
    let draft = draft(old.get(&path), &path, content);
    let kept = old.iter().map(|(path, file)| (path.clone(), Draft::Ready(file.clone())));
    let mut drafts: BTreeMap<_, _> = kept.collect();
    drafts.insert(path, draft);
    finish(old_signatures, drafts)
}

fn finish(
    old_signatures: &Arc<Signatures>,
    drafts: BTreeMap<ProjectPath, Draft>,
) -> (Files, Arc<Signatures>) {
    let mut signatures = Signatures::default();
    for draft in drafts.values() {
        match draft {
            Draft::Ready(File::Latex(file)) => signatures.extend(file.own()),
            Draft::Latex { own, .. } => signatures.extend(own),
            Draft::Ready(_) => {}
        }
    }
    let is_same = signatures == **old_signatures;
    let changed = if is_same { Vec::new() } else { changed_names(old_signatures, &signatures) };
    let signatures = if is_same { old_signatures.clone() } else { Arc::new(signatures) };
    let finish_one = |draft: Draft| match draft {
        Draft::Ready(File::Latex(file)) if mentions(file.text(), &changed) => {
            let tree = parse(file.text_arc(), file.is_package(), &signatures);
            File::Latex(Arc::new(LatexFile::new(tree, file.is_package(), file.own().clone())))
        }
        Draft::Ready(file) => file,
        Draft::Latex { text, is_package, own, alone } => {
            let alone = alone.filter(|tree| !uses_others(tree, &own, &signatures));
            let tree = alone.map_or_else(|| parse(text, is_package, &signatures), |tree| *tree);
            File::Latex(Arc::new(LatexFile::new(tree, is_package, own)))
        }
    };
    let files = drafts.into_iter().map(|(path, draft)| (path, finish_one(draft)));
    (files.collect(), signatures)
}

fn draft(old: Option<&File>, path: &ProjectPath, content: Content) -> Draft {
    let Content::Text(text) = content else { return Draft::Ready(File::Binary) };
    let extension = path.extension().to_ascii_lowercase();
    match extension.as_str() {
        "tex" | "ltx" | "latex" | "tikz" | "sty" | "cls" | "clo" | "dtx" | "def" => {
            let old = old.filter(|old| matches!(old, File::Latex(file) if file.text() == &*text));
            if let Some(old) = old {
                return Draft::Ready(old.clone());
            }
            let is_package = matches!(extension.as_str(), "sty" | "cls" | "clo" | "dtx" | "def");
            if !may_define(&text) {
                let own = Arc::default();
                return Draft::Latex { text, is_package, own, alone: None };
            }
            let alone = parse(text.clone(), is_package, &Arc::default());
            let own = Arc::new(alone.signatures().clone());
            Draft::Latex { text, is_package, own, alone: Some(Box::new(alone)) }
        }
        "bib" => match old {
            Some(File::Bibliography(file)) if file.text() == &*text => {
                Draft::Ready(File::Bibliography(file.clone()))
            }
            _ => Draft::Ready(File::Bibliography(Arc::new(BibFile::new(text)))),
        },
        _ => Draft::Ready(File::Text(text)),
    }
}

fn parse(text: Arc<str>, is_package: bool, signatures: &Arc<Signatures>) -> Tree {
    parse_with(text, ParseOptions { is_package, signatures: Some(signatures) })
}

fn may_define(text: &str) -> bool {
    text.match_indices('\\').any(|(i, _)| {
        let name = &text.as_bytes()[i + 1..];
        DEFINING.iter().any(|defining| name.starts_with(defining.as_bytes()))
    })
}

/// True if a text parsed by itself may mean something else among the others: it uses what another file
/// defines, or what it defines itself before that is known.
fn uses_others(tree: &Tree, own: &Signatures, all: &Signatures) -> bool {
    if all.commands.is_empty() && all.environments.is_empty() {
        return false;
    }
    let known = known_from(tree);
    let is_known = |node, map: &HashMap<&str, usize>, name: &str| {
        map.get(name).is_some_and(|end| *end <= tree.range(node).start.0)
    };
    tree.nodes().any(|node| match (tree.kind(node), tree.name(node)) {
        (NodeKind::Command, Some(name)) => all.commands.get(name).is_some_and(|slots| {
            own.commands.get(name) != Some(slots) || !is_known(node, &known.commands, name)
        }),
        (NodeKind::Begin, Some(name)) => all.environments.get(name).is_some_and(|signature| {
            let is_own = own.environments.get(name) == Some(signature);
            !is_own || !is_known(node, &known.environments, name)
        }),
        _ => false,
    })
}

/// From where on a text knows what it defines.
#[derive(Default)]
struct Known<'t> {
    commands: HashMap<&'t str, usize>,
    environments: HashMap<&'t str, usize>,
}

fn known_from(tree: &Tree) -> Known<'_> {
    let mut definitions: Vec<_> = tree.definitions().iter().collect();
    definitions.sort_by_key(|definition| definition.range.start);
    let mut known = Known::default();
    // A definition in another one is known behind that.
    let mut end = 0;
    for definition in definitions {
        end = end.max(definition.range.end.0);
        let map = match definition.kind {
            DefinitionKind::Command | DefinitionKind::Operator => &mut known.commands,
            DefinitionKind::Environment | DefinitionKind::Theorem => &mut known.environments,
        };
        map.entry(definition.name.as_str()).or_insert(end);
    }
    known
}

/// As they stand in a text: `\name`, `{name}`.
fn changed_names(old: &Signatures, new: &Signatures) -> Vec<String> {
    let commands: HashSet<&String> = old.commands.keys().chain(new.commands.keys()).collect();
    let commands = commands.into_iter().filter(|n| old.commands.get(*n) != new.commands.get(*n));
    let environments: HashSet<&String> =
        old.environments.keys().chain(new.environments.keys()).collect();
    let environments = environments
        .into_iter()
        .filter(|name| old.environments.get(*name) != new.environments.get(*name));
    let commands = commands.map(|name| format!("\\{name}"));
    commands.chain(environments.map(|name| format!("{{{name}}}"))).collect()
}

fn mentions(text: &str, names: &[String]) -> bool {
    names.iter().any(|name| text.contains(name.as_str()))
}
