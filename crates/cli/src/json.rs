//! `--json`: one object a line on standard output. The form is documented in `docs/json.md` and
//! carries a version; fields are only ever added within a version.

use crate::document::Document;
use quire_compile::{
    build::{BuildResult, Event},
    diagnostics::{Diagnostic, Edit, Place, SourceFile},
};
use quire_project::FileSource;
use quire_text::{ByteOffset, ByteRange, LineIndex, utf16_offset};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Raised when a field changes its meaning or goes.
const VERSION: u32 = 1;

/// Write one line; a reader that has gone is no error.
fn line(value: &Value) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{value}").and_then(|()| out.flush());
}

/// A build begins.
pub(crate) fn started(document: &Document) {
    line(&json!({
        "type": "started",
        "version": VERSION,
        "project": document.folder,
        "root": document.root,
    }));
}

/// Something happened.
pub(crate) fn event(event: &Event) {
    let value = match event {
        Event::WaitingForOtherBuild => json!({ "type": "waiting" }),
        Event::Starting { because } => json!({ "type": "starting", "because": because }),
        Event::Pass { pass, reason } => json!({ "type": "pass", "pass": pass, "reason": reason }),
        Event::Page { pass, page } => json!({ "type": "page", "pass": pass, "page": page }),
        Event::Helper { name } => json!({ "type": "helper", "name": name }),
        Event::WritingPdf => json!({ "type": "writing-pdf" }),
    };
    line(&value);
}

/// The build is over: its diagnostics, then its summary.
pub(crate) fn finished(document: &Document, files: &dyn FileSource, result: &BuildResult) {
    for diagnostic in &result.diagnostics {
        let mut value = diagnostic_value(document, files, diagnostic);
        value["type"] = json!("diagnostic");
        line(&value);
    }
    line(&json!({
        "type": "finished",
        "outcome": result.outcome,
        "up_to_date": result.up_to_date,
        "place": result.place,
        "pdf": result.pdf,
        "synctex": result.synctex,
        "pages": result.pages,
        "passes": result.passes.iter().map(|pass| json!({
            "reason": pass.reason,
            "pages": pass.pages,
            "ms": pass.wall.as_secs_f64() * 1e3,
            "helpers": pass.helpers,
        })).collect::<Vec<_>>(),
        "ms": result.wall.as_secs_f64() * 1e3,
        "peak_memory_bytes": result.peak_memory_bytes,
    }));
}

/// A diagnostic as `docs/json.md` describes it.
pub(crate) fn diagnostic_value(
    document: &Document,
    files: &dyn FileSource,
    d: &Diagnostic,
) -> Value {
    json!({
        "code": d.code,
        "severity": d.severity,
        "message": d.message,
        "explanation": d.explanation,
        "place": d.place.as_ref().map(|place| place_value(document, files, place)),
        "fix": d.fix.as_ref().map(|fix| json!({
            "title": fix.title,
            "edits": fix.edits.iter().map(|edit| edit_value(document, files, edit))
                .collect::<Vec<_>>(),
        })),
        "caused": d.caused.iter().map(|d| diagnostic_value(document, files, d))
            .collect::<Vec<_>>(),
    })
}

fn place_value(document: &Document, files: &dyn FileSource, place: &Place) -> Value {
    let mut value = json!({
        "first_line": place.first_line,
        "last_line": place.last_line,
    });
    match &place.file {
        SourceFile::Project(path) => {
            value["file"] = json!(path);
            value["path"] = json!(document.folder.join(path.as_str()));
            if let Some(range) = place.range
                && let Ok(Some(text)) = files.read(path)
            {
                add_range(&mut value, &text, range);
            }
        }
        SourceFile::Bundle(name) => value["bundle"] = json!(name),
        SourceFile::Generated(name) => value["generated"] = json!(name),
    }
    value
}

fn edit_value(document: &Document, files: &dyn FileSource, edit: &Edit) -> Value {
    let mut value = json!({
        "file": edit.file,
        "path": document.folder.join(edit.file.as_str()),
        "text": edit.text,
    });
    if let Ok(Some(text)) = files.read(&edit.file) {
        add_range(&mut value, &text, edit.range);
    }
    value
}

/// A range in all the units that editors use: bytes and UTF-16 units from the start of the file, and
/// line and column (UTF-16 units) counted from one.
fn add_range(value: &mut Value, text: &[u8], range: ByteRange) {
    let index = LineIndex::new(text);
    let position = |offset: ByteOffset| {
        let line = index.line_of(offset);
        let start = index.line_range(line).map_or(offset, |range| range.start);
        let column = utf16_offset(text, offset).0 - utf16_offset(text, start).0 + 1;
        json!({ "line": line, "column": column })
    };
    value["bytes"] = json!([range.start, range.end]);
    value["utf16"] = json!([utf16_offset(text, range.start), utf16_offset(text, range.end)]);
    value["start"] = position(range.start);
    value["end"] = position(range.end);
}
