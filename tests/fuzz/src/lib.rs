//! One function for each parser that reads bytes from strangers. Each panics when the parser breaks its
//! word: it may refuse, it may not crash, hang, or point outside what it was given.
//!
//! `cargo xtask fuzz` feeds them from libFuzzer; the tests beside feed them the seeds, what fuzzing has
//! found, and seeded random changes of both.

mod relay;
mod strangers;
mod syntax;

use quire_bundle::{CommandIndex, Pack};
use quire_compile::{
    diagnostics::{Diagnostic, Evidence, diagnose},
    roots::{root_for_file, root_in_folder, suggested_program},
    synctex::{Source, SyncTex},
};
use quire_exchange::{ImportLimits, Unpacked, flatten, import_archive};
use quire_project::{MemoryFiles, ProjectPath};
use quire_tex_engine::LogMark;
use quire_text::LineNumber;
use quire_xdv::{CharWidths, Index};
use std::io::{Cursor, Read};

/// A parser's name, which is that of its folder of seeds, and what feeds it.
pub type Target = (&'static str, fn(&[u8]));

pub use relay::{changes, frame, line, room, window};
pub use strangers::{channel, credentials, link, request, settings, strands, token, versions};
pub use syntax::{bib, latex};

/// All of them.
pub const TARGETS: [Target; 22] = [
    ("archive", archive),
    ("bib", bib),
    ("changes", changes),
    ("channel", channel),
    ("credentials", credentials),
    ("frame", frame),
    ("latex", latex),
    ("line", line),
    ("link", link),
    ("log", log),
    ("pack", pack),
    ("request", request),
    ("room", room),
    ("settings", settings),
    ("sources", sources),
    ("strands", strands),
    ("synctex", synctex),
    ("tfm", tfm),
    ("token", token),
    ("versions", versions),
    ("window", window),
    ("xdv", xdv),
];

const SOURCE: &str = "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n\
    Ä \\sectoin{A} a_b 🙂 \\cite{kunth}\nsee \\ref{fig:plto}\\label{fig:plot}\n\\end{document}\n";

/// An archive of a project, in whichever format; what comes out is put together to one source.
pub fn archive(bytes: &[u8]) {
    let limits =
        ImportLimits { total_bytes: 1 << 20, file_bytes: 1 << 20, entries: 200, ratio: 100 };
    let (archive, spool) = (Cursor::new(bytes), Cursor::new(Vec::new()));
    let Ok(mut project) = import_archive(archive, "paper.gz", limits, spool) else { return };
    let mut files = MemoryFiles::default();
    let mut unpacked = 0;
    for file in project.files.clone() {
        assert!(file.path.as_str().split('/').all(|part| part != ".."), "{:?}", file.path);
        let mut bytes = Vec::new();
        match project.read(&file) {
            Ok(Unpacked::Text { text, .. }) => bytes = text.into_bytes(),
            Ok(Unpacked::Binary(mut reader)) => {
                assert!(reader.read_to_end(&mut bytes).is_ok(), "what came out is in memory");
            }
            Err(error) => panic!("what came out is in memory: {error}"),
        }
        unpacked += bytes.len();
        files.insert(file.path, bytes);
    }
    // Decoding makes at most three bytes of one.
    assert!(unpacked <= 3 << 20, "more than the limit came out");
    if let Some(root) = project.files.iter().find(|file| file.path.extension() == "tex") {
        let _ = flatten(&files, &root.path, None);
    }
}

/// A log of TeX, as the embedded engine writes it (with marks) and as others do (without).
pub fn log(bytes: &[u8]) {
    explained(bytes, &[]);
    let mark = |(i, piece): (usize, &[u8])| LogMark {
        log_offset: (i * 64) as u64,
        file: if piece[0] % 3 == 0 { "article.cls" } else { "main.tex" }.to_owned(),
        line: u32::from(piece[0] % 8),
    };
    let marks: Vec<LogMark> = bytes.chunks(64).enumerate().map(mark).collect();
    explained(bytes, &marks);
}

fn explained(log: &[u8], marks: &[LogMark]) {
    let Ok(root) = ProjectPath::new("main.tex") else { return };
    let mut files = MemoryFiles::default();
    files.insert(root.clone(), SOURCE.as_bytes());
    let told = diagnose(&Evidence {
        log,
        marks,
        messages: &[],
        reads: &[],
        files: &files,
        root: &root,
        inputs: std::slice::from_ref(&root),
        doubled_labels: &[],
        commands: &|| CommandIndex::parse(b"\\section latex\n\\toprule booktabs\n{itemize latex\n"),
    });
    inside(&told, log);
}

/// Every range points into what it is about, on the bounds of characters.
fn inside(told: &[Diagnostic], log: &[u8]) {
    for diagnostic in told {
        assert!(diagnostic.log.is_none_or(|range| range.end.0 <= log.len()), "{diagnostic:?}");
        let range = diagnostic.place.as_ref().and_then(|place| place.range);
        let edits = diagnostic.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.range);
        for range in edits.chain(range) {
            assert!(SOURCE.get(range.as_range()).is_some(), "{diagnostic:?}");
        }
        inside(&diagnostic.caused, log);
    }
}

/// A bundle's pack; also with the length in its header put right, which changes rarely leave so.
pub fn pack(bytes: &[u8]) {
    opened(bytes);
    let mut mended = bytes.to_vec();
    if let Some(length) = mended.get_mut(32..40) {
        length.copy_from_slice(&(bytes.len() as u64).to_le_bytes());
        opened(&mended);
    }
}

fn opened(bytes: &[u8]) {
    let Ok(pack) = Pack::open(bytes) else { return };
    let names: Vec<String> = pack.names().take(1_000).map(str::to_owned).collect();
    for name in &names {
        let _ = pack.get(name);
    }
    let is_whole = pack.verify().is_ok();
    // What is checked can be read, all of it.
    if is_whole && names.len() == pack.len() {
        assert!(names.iter().all(|name| pack.get(name).is_some()), "a file is lost");
    }
}

/// LaTeX sources, in which the root is looked for.
pub fn sources(bytes: &[u8]) {
    // Three files, divided by NUL bytes.
    let names = ["main.tex", "chapters/one.tex", "notes.tex"];
    let mut files = MemoryFiles::default();
    let mut paths = Vec::new();
    for (name, text) in names.iter().zip(bytes.split(|byte| *byte == 0)) {
        let Ok(path) = ProjectPath::new(name) else { continue };
        files.insert(path.clone(), text);
        paths.push(path);
    }
    for path in &paths {
        let _ = root_for_file(&files, path);
        let _ = suggested_program(&files, path);
    }
    let _ = root_in_folder(&files, "");
}

/// A SyncTeX file, compressed or not.
pub fn synctex(bytes: &[u8]) {
    let to_project = |name: &str| ProjectPath::new(name).ok();
    let Ok(synctex) = SyncTex::read(bytes, &to_project) else { return };
    for source in synctex.sources().iter().take(8) {
        let Source::Project(path) = source else { continue };
        for line in [0, 1, 7, u32::MAX] {
            for area in synctex.areas(path, LineNumber(line)) {
                assert!(area.page < synctex.page_count(), "{area:?}");
            }
        }
    }
    for page in 0..synctex.page_count().min(8) {
        for (x, y) in [(0.0, 0.0), (100.0, 100.0), (-1e9, 1e9), (f64::NAN, 7.0)] {
            let _ = synctex.source_at(page, x, y);
        }
    }
}

/// A TFM file.
pub fn tfm(bytes: &[u8]) {
    if let Ok(widths) = CharWidths::read(bytes) {
        for code in [0, 65, 255, u32::MAX] {
            let _ = widths.at_size(code, quire_xdv::Sp(i32::MAX));
        }
    }
}

/// An XDV file.
pub fn xdv(bytes: &[u8]) {
    let Ok(index) = Index::read(bytes) else { return };
    for page in index.pages.iter().take(100) {
        assert!(bytes.get(page.range.clone()).is_some(), "{page:?}");
        if let Ok(items) = index.items(bytes, page.range.clone(), &|_| None) {
            assert!(items.len() <= page.range.len(), "more items than bytes");
        }
    }
}
