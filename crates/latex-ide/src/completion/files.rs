//! Names of files, packages, classes and styles.

use super::{
    CompletionItem, CompletionKind, Completions, Place, Ranking, context::Argument, frequent,
    item_at, plain,
};
use quire_project::ProjectPath;
use quire_text::ByteRange;
use std::collections::BTreeSet;

const PICTURES: &[&str] = &["pdf", "png", "jpg", "jpeg", "eps"];
/// What the project has comes before what everybody uses.
const OWN: i32 = 130;
const SOURCES: &[&str] = &["tex", "ltx", "tikz", "pgf"];

/// Completes the name of a file, package or class, as the command wants it.
pub(super) fn complete(place: &Place<'_>, argument: &Argument<'_>) -> Completions {
    let range = item_at(place.text, argument.start, place.offset);
    let catalogue = place.snapshot.catalogue();
    let (extensions, is_bare): (&[&str], bool) = match argument.command {
        "usepackage" | "RequirePackage" | "RequirePackageWithOptions" => {
            return named(place, range, &catalogue.packages, "sty", CompletionKind::Package);
        }
        "documentclass" | "LoadClass" | "LoadClassWithOptions" => {
            return named(place, range, &catalogue.classes, "cls", CompletionKind::Class);
        }
        "includegraphics" => (PICTURES, false),
        "includesvg" => (&["svg"], false),
        "includepdf" => (&["pdf"], false),
        "bibliography" => (&["bib"], true),
        "addbibresource" | "addglobalbib" | "addsectionbib" => (&["bib"], false),
        "input" | "include" | "includeonly" | "subfile" | "subfileinclude" | "import"
        | "subimport" | "includefrom" | "subincludefrom" | "inputfrom" | "subinputfrom"
        | "loadglsentries" | "includestandalone" | "InputIfFileExists" => (SOURCES, true),
        _ => (&[], false),
    };
    let document = place.snapshot.document_of(place.path);
    let mut folder = document.root.folder().to_owned();
    let is_import = matches!(argument.command, "import" | "includefrom" | "inputfrom")
        || argument.command.starts_with("sub") && argument.command.ends_with("from")
        || argument.command == "subimport";
    if is_import {
        let Some((_, first)) = argument.before.iter().find(|(bracket, _)| *bracket == b'{') else {
            return folders(place, range, &folder);
        };
        let inner = place.text.get(first.as_range()).unwrap_or_default().trim();
        let joined = ProjectPath::resolve(&folder, inner);
        folder = joined.map_or(folder, |joined| joined.as_str().to_owned());
    }
    let mut ranking = Ranking::new(place.typed(range));
    for path in place.snapshot.paths() {
        let extension = path.extension().to_ascii_lowercase();
        let is_wanted = extensions.is_empty() || extensions.contains(&extension.as_str());
        let is_own = path == place.path || *path == document.root;
        if !is_wanted || is_own && extensions == SOURCES {
            continue;
        }
        let mut name = relative(&folder, path.as_str());
        if argument.command == "includegraphics" {
            let inner = document.graphics_folders.iter().find_map(|inner| {
                let inner = inner.trim_start_matches("./");
                name.strip_prefix(inner).map(|rest| rest.trim_start_matches('/').to_owned())
            });
            name = inner.unwrap_or(name);
        }
        // TeX adds these itself, and \include must not have one.
        if is_bare && (extension == "tex" || extension == "bib") {
            name.truncate(name.len() - extension.len() - 1);
        }
        let file_name = name.rsplit('/').next().unwrap_or(&name).to_owned();
        ranking.add(&[&name, &file_name], 0, || {
            plain(&name, CompletionKind::File, String::new(), range)
        });
    }
    ranking.finish()
}

/// Completes the name in `\bibliographystyle{`.
pub(super) fn bibliography_styles(place: &Place<'_>, argument: &Argument<'_>) -> Completions {
    let range = item_at(place.text, argument.start, place.offset);
    let styles = &place.snapshot.catalogue().bibliography_styles;
    named(place, range, styles, "bst", CompletionKind::BibliographyStyle)
}

/// Names of the bundle, and of files of the project with this extension.
fn named(
    place: &Place<'_>,
    range: ByteRange,
    names: &BTreeSet<String>,
    extension: &str,
    kind: CompletionKind,
) -> Completions {
    let often = match kind {
        CompletionKind::Class => frequent::CLASSES,
        CompletionKind::BibliographyStyle => frequent::STYLES,
        _ => frequent::PACKAGES,
    };
    let mut ranking = Ranking::new(place.typed(range));
    let folder = place.snapshot.document_of(place.path).root.folder().to_owned();
    for path in place.snapshot.paths().filter(|path| path.extension() == extension) {
        let mut name = relative(&folder, path.as_str());
        name.truncate(name.len() - extension.len() - 1);
        ranking.add(&[&name], OWN, || plain(&name, kind, "in this project".to_owned(), range));
    }
    for name in names {
        // Parts of packages that nobody loads by hand have such names.
        let bonus = if name.contains(['@', '.']) { -100 } else { frequent::bonus(often, name) };
        ranking.add(&[name], bonus, || plain(name, kind, String::new(), range));
    }
    ranking.finish()
}

/// The folders of the project, for `\import{`.
fn folders(place: &Place<'_>, range: ByteRange, folder: &str) -> Completions {
    let mut ranking = Ranking::new(place.typed(range));
    let folders: BTreeSet<&str> =
        place.snapshot.paths().map(ProjectPath::folder).filter(|name| !name.is_empty()).collect();
    for name in folders {
        let name = format!("{}/", relative(folder, name));
        ranking.add(&[&name], 0, || {
            let item = plain(&name, CompletionKind::File, String::new(), range);
            CompletionItem { filter_text: name.clone(), ..item }
        });
    }
    ranking.finish()
}

/// `path` as seen from `folder`, both from the top of the project.
pub(crate) fn relative(folder: &str, path: &str) -> String {
    let folders: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let parts: Vec<&str> = path.split('/').collect();
    let shared = folders.iter().zip(&parts[..parts.len() - 1]).take_while(|(a, b)| a == b).count();
    let up = "../".repeat(folders.len() - shared);
    format!("{up}{}", parts[shared..].join("/"))
}
