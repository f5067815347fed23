//! `quire synctex`: from a line of a source to its places on the pages, and back. The document is
//! built first, which takes no time when nothing changed.

use crate::{
    args::{DocumentArgs, SynctexCommand},
    build::{cancel_on_interrupt, find},
    document::{Document, request},
    errors::Failure,
    print_bytes,
};
use quire_compile::{
    build::{OutputPlace, build},
    synctex::{Source, SyncTex},
};
use quire_project::ProjectPath;
use quire_text::LineNumber;
use serde_json::json;
use std::{path::Path, process::ExitCode};

pub(crate) fn run(command: &SynctexCommand) -> Result<ExitCode, Failure> {
    let (SynctexCommand::View { document: args, .. } | SynctexCommand::Edit { document: args, .. }) =
        command;
    let document = find(args)?;
    let synctex = index(&document, args)?;
    let lines = match command {
        SynctexCommand::View { line, input, .. } => {
            let file = match input {
                Some(input) => in_project(&document, input)?,
                None => asked_file(&document, args),
            };
            view(&synctex, &file, *line, args.json)?
        }
        SynctexCommand::Edit { page, x, y, .. } => edit(&synctex, *page, *x, *y, args.json)?,
    };
    print_bytes(lines.as_bytes())
}

/// Build the document and read what it left.
fn index(document: &Document, args: &DocumentArgs) -> Result<SyncTex, Failure> {
    let place = OutputPlace { folder: document.root_folder(), create: false };
    let request = request(document, args, Some(place), true)?;
    let result = build(&request, &mut |_| {}, &cancel_on_interrupt()?)?;
    let synctex = result.read_synctex(&document.root).map_err(|e| Failure::new(e.to_string()))?;
    synctex.ok_or_else(|| {
        Failure::new(format!("`{}` did not come to pages", document.root))
            .advise("see why with `quire build`")
    })
}

fn in_project(document: &Document, file: &Path) -> Result<ProjectPath, Failure> {
    let failed = |why: &dyn std::fmt::Display| Failure::new(format!("`{}`: {why}", file.display()));
    let real = file.canonicalize().map_err(|e| failed(&e))?;
    let folder = document.folder.canonicalize().map_err(|e| failed(&e))?;
    let inside = real.strip_prefix(&folder).map_err(|_| failed(&"is not in the project"))?;
    let name = inside.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    ProjectPath::new(&name).map_err(|e| failed(&e))
}

/// The file that was named on the command line; the root when it was a folder.
fn asked_file(document: &Document, args: &DocumentArgs) -> ProjectPath {
    let named = args
        .location
        .target
        .is_file()
        .then(|| in_project(document, &args.location.target).ok())
        .flatten();
    named.unwrap_or_else(|| document.root.clone())
}

fn view(synctex: &SyncTex, file: &ProjectPath, line: u32, json: bool) -> Result<String, Failure> {
    let areas = synctex.areas(file, LineNumber(line));
    if areas.is_empty() {
        return Err(Failure::new(format!("nothing of `{file}` is on any page")));
    }
    let show = |area: &quire_compile::synctex::Area| {
        let (page, rect) = (area.page + 1, area.rect);
        if json {
            let place = json!({
                "page": page, "x": rect.x, "y": rect.y, "width": rect.width,
                "height": rect.height, "line": area.line.0,
            });
            return format!("{place}\n");
        }
        format!(
            "page {page}: x {:.1} y {:.1} width {:.1} height {:.1} (line {})\n",
            rect.x, rect.y, rect.width, rect.height, area.line.0
        )
    };
    Ok(areas.iter().map(show).collect())
}

fn edit(synctex: &SyncTex, page: usize, x: f64, y: f64, json: bool) -> Result<String, Failure> {
    let pages = synctex.page_count();
    let index = page.checked_sub(1).filter(|index| *index < pages);
    let index = index.ok_or_else(|| {
        Failure::new(format!("there is no page {page}: the document has {pages}"))
    })?;
    let spot = synctex
        .source_at(index, x, y)
        .ok_or_else(|| Failure::new(format!("there is nothing near that place on page {page}")))?;
    let (file, is_project) = match spot.source {
        Source::Project(path) => (path.as_str(), true),
        Source::Other(name) => (name.as_str(), false),
    };
    if json {
        return Ok(format!(
            "{}\n",
            json!({"file": file, "project": is_project, "line": spot.line.0})
        ));
    }
    let hint = if is_project { "" } else { " (not a file of the project)" };
    Ok(format!("{file}:{}{hint}\n", spot.line.0))
}
