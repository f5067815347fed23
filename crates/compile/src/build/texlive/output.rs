//! What a compile left in its build folder, read as from a stranger: through a capability of that folder, so that
//! no link leads out of it, and nothing larger than a document's.

use super::{command::WORK, mirror::Mirror, preamble::PartOfRun, progress::Progress, recorder};
use crate::{
    build::{BuildRequest, passes::Done},
    cache::HelperRecord,
    disk::DiskFolder,
    programs::{of_biber, of_bibtex},
};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use quire_container::{Ended, Finished};
use quire_project::{ContentHash, FileSource, ProjectPath, ReadError};
use quire_tex_engine::{EngineError, FileOrigin, PdfReport, ReadFile, TexOutcome, TexReport};
use std::{
    io::{self, Read, Write},
    path::Path,
    sync::Arc,
    time::Duration,
};

/// The largest output that is taken.
const MAX_BYTES: u64 = 256 << 20;
/// What a SyncTeX file may unfold to.
const MAX_SYNCTEX_BYTES: u64 = 1 << 30;

/// Put into `done` all that is to be known of a compile.
pub(super) fn read(
    request: &BuildRequest,
    mirror: &Mirror,
    folder: &Path,
    (progress, finished, before): (&Progress, &Finished, &PartOfRun),
    largest_file: u64,
    done: &mut Done,
) -> io::Result<()> {
    // The folder itself is a mount point inside: nothing there can put a link in its place.
    let left = DiskFolder::open(&folder.join("build")).map_err(|error| error.source)?;
    // One that has reached its bound was cut off there.
    let limit = MAX_BYTES.min(largest_file.saturating_sub(1));
    let left = Left { files: left.with_file_limit(limit), request };
    let log = left.output("log").unwrap_or_else(|_| Some(Arc::default())).unwrap_or_default();
    let log = before.whole_log(&log);
    let pages = pages(&log);
    let mut reads = left.reads();
    reads.extend(before.reads.iter().cloned());
    done.refused.clone_from(&mirror.refused);
    let sources = reads.iter().filter_map(|path| Some((path.clone(), *mirror.hashes.get(path)?)));
    done.inputs = sources.collect();
    let all = reads.iter().map(|path| ReadFile {
        name: relative(path, request.root.folder()),
        path: Some(path.clone()),
        origin: match mirror.hashes.get(path) {
            Some(hash) => FileOrigin::Project(*hash),
            // What is not the project's was made by this build.
            None => FileOrigin::Generated(ContentHash::of(b"")),
        },
    });
    done.last = Some(TexReport {
        outcome: match outcome(&log) {
            TexOutcome::Warnings if pages == 0 && finished.ended != Ended::Exited(0) => {
                TexOutcome::Fatal("TeX made no pages".to_owned())
            }
            outcome => outcome,
        },
        pages,
        open_groups: 0,
        log,
        marks: Vec::new(),
        messages: Vec::new(),
        reads: all.collect(),
        outputs: Vec::new(),
        wall: Duration::ZERO,
        peak_memory_bytes: 0,
    });
    done.helpers = left.transcripts(progress);
    let mut whole = |extension: &str| match left.output(extension) {
        Ok(bytes) => bytes.map(|bytes| bytes.to_vec()),
        Err(ReadError::TooLarge { limit, .. }) => {
            done.killed = Some(EngineError::OutputLimit { limit_bytes: limit, at: None });
            None
        }
        // A link that leads out of the folder, or no file at all: there is no such output.
        Err(_) => None,
    };
    whole("log");
    let (pdf, synctex) = (whole("pdf"), whole("synctex.gz"));
    if request.output.is_some() && pages > 0 {
        let pdf = pdf.filter(|pdf| pdf.starts_with(b"%PDF"));
        let synctex = synctex.filter(|_| request.synctex && pdf.is_some());
        done.synctex = synctex.and_then(|bytes| with_names(&bytes, request.root.folder()));
        done.pdf = Some(PdfReport {
            pdf: pdf.ok_or_else(|| "TeX wrote pages, and no PDF of them is there".to_owned()),
            messages: Vec::new(),
            part_of_font_map: false,
            reads: Vec::new(),
            wall: Duration::ZERO,
        });
    }
    Ok(())
}

/// The build folder after a compile.
struct Left<'a> {
    files: DiskFolder,
    request: &'a BuildRequest,
}

impl Left<'_> {
    /// The document's own file of this extension.
    fn output(&self, extension: &str) -> Result<Option<Arc<[u8]>>, ReadError> {
        let folder = format!("{WORK}/{}", self.request.root.folder());
        let name = format!("{}.{extension}", self.request.job_name());
        match ProjectPath::resolve(&folder, &name) {
            Ok(path) => self.files.read(&path),
            Err(_) => Ok(None),
        }
    }

    fn text(&self, extension: &str) -> Vec<u8> {
        self.output(extension).ok().flatten().map(|bytes| bytes.to_vec()).unwrap_or_default()
    }

    fn reads(&self) -> std::collections::BTreeSet<ProjectPath> {
        let (fls, fdb) = (self.text("fls"), self.text("fdb_latexmk"));
        let mut all = recorder::reads(&fls, &fdb, self.request.root.folder());
        if self.request.tex_live.as_ref().is_some_and(|tex_live| tex_live.shell_escape) {
            // Nobody notes what the document's own programs read.
            all.extend(self.request.files.list());
        }
        all.insert(self.request.root.clone());
        all
    }

    /// What BibTeX or biber said, with what to tell the author of it.
    fn transcripts(&self, progress: &Progress) -> Vec<HelperRecord> {
        let transcript = self.text("blg");
        let text = String::from_utf8_lossy(&transcript);
        if text.is_empty() {
            return Vec::new();
        }
        let folder = self.request.root.folder();
        let (program, diagnostics) = if text.contains("INFO - This is Biber") {
            ("biber", of_biber(&text))
        } else {
            let path = |name: &str| super::command::in_project(name, folder);
            ("bibtex", of_bibtex(&transcript, path))
        };
        let ran = progress.helpers.iter().find(|name| name.starts_with(program));
        vec![HelperRecord {
            name: ran.cloned().unwrap_or_else(|| format!("{program} {}", self.request.job_name())),
            key: ContentHash::of(&transcript),
            outputs: Vec::new(),
            transcript,
            diagnostics,
        }]
    }
}

/// As TeX, started in `folder`, calls a file of the project.
fn relative(path: &ProjectPath, folder: &str) -> String {
    let mut up = String::new();
    let mut folder = folder;
    loop {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        if let Some(inside) = path.as_str().strip_prefix(&prefix) {
            return format!("{up}{inside}");
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        up.push_str("../");
    }
}

/// A SyncTeX file with the names that the document's files have from its own folder, which is where the PDF is
/// written. `None` when it is damaged, or unfolds to more than a document's.
fn with_names(synctex: &[u8], folder: &str) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    GzDecoder::new(synctex).take(MAX_SYNCTEX_BYTES).read_to_end(&mut text).ok()?;
    let mut named = GzEncoder::new(Vec::new(), Compression::fast());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        match renamed(line, folder) {
            Some(line) => named.write_all(line.as_bytes()).ok()?,
            None => named.write_all(line).ok()?,
        }
    }
    named.finish().ok()
}

/// `Input:3:/build/work/./main.tex` with the name that the project has for it.
fn renamed(line: &[u8], folder: &str) -> Option<String> {
    let rest = std::str::from_utf8(line.strip_prefix(b"Input:")?).ok()?;
    let (number, name) = rest.trim_end().split_once(':')?;
    let path = super::command::in_project(name, folder)?;
    Some(format!("Input:{number}:./{}\n", relative(&path, folder)))
}

/// The last words of the log: `Output written on main.pdf (12 pages, 34567 bytes).`
fn pages(log: &[u8]) -> u32 {
    let text = String::from_utf8_lossy(log);
    let last = text.lines().rev().find_map(|line| line.strip_prefix("Output written on "));
    let count = last.and_then(|rest| {
        let (before, _) = rest.rsplit_once(" page")?;
        before.rsplit('(').next()?.trim().parse().ok()
    });
    count.unwrap_or(0)
}

/// Whether TeX came to no regular end.
pub(super) fn is_fatal(log: &[u8]) -> bool {
    matches!(outcome(log), TexOutcome::Fatal(_))
}

fn outcome(log: &[u8]) -> TexOutcome {
    let text = String::from_utf8_lossy(log);
    let fatal = text.lines().find_map(|line| {
        let words = line.trim_start().strip_prefix("==> Fatal error occurred, ");
        words.map(|_| "TeX gave up".to_owned())
    });
    if let Some(words) = fatal {
        return TexOutcome::Fatal(words);
    }
    if text.is_empty() {
        return TexOutcome::Fatal("TeX left no log".to_owned());
    }
    if text.lines().any(is_error) { TexOutcome::Errors } else { TexOutcome::Warnings }
}

/// `! …`, or with `-file-line-error` `./main.tex:12: …`.
fn is_error(line: &str) -> bool {
    let has_place = || {
        let (file, rest) = line.split_once(':')?;
        let (number, _) = rest.split_once(": ")?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        Some(is_number && file.contains('.') && !file.contains(' '))
    };
    line.starts_with("! ") || has_place() == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_pages_is_in_the_last_words() {
        assert_eq!(pages(b"x\nOutput written on main.pdf (12 pages, 34567 bytes).\n"), 12);
        assert_eq!(pages(b"Output written on a (b).xdv (1 page, 20 bytes).\n"), 1);
        assert_eq!(pages(b"No pages of output.\n"), 0);
    }

    #[test]
    fn a_faulty_document_is_an_outcome() {
        let error = b"a\n./a.tex:3: Undefined control sequence.\nl.3 \\foo\nOutput written on a.pdf (1 page)";
        assert_eq!(outcome(error), TexOutcome::Errors);
        // pdfTeX's warnings have a context line too.
        let warning = b"pdfTeX warning (ext4): destination with the same identifier\nl.22 \\else\n";
        assert_eq!(outcome(warning), TexOutcome::Warnings);
        assert_eq!(outcome(b"LaTeX Warning: x\n"), TexOutcome::Warnings);
        let fatal = b"!  ==> Fatal error occurred, no output PDF file produced!\n ==> Fatal error occurred, no\n";
        assert!(matches!(outcome(fatal), TexOutcome::Fatal(_)));
    }

    #[test]
    fn records_of_places_have_the_names_of_the_project() {
        let name = |line: &str, folder| renamed(line.as_bytes(), folder);
        let line = "Input:2:/build/work/doc/./parts/a.tex\n";
        assert_eq!(name(line, "doc").as_deref(), Some("Input:2:./parts/a.tex\n"));
        assert_eq!(name(line, "doc/x").as_deref(), Some("Input:2:./../parts/a.tex\n"));
        assert_eq!(name("Input:3:/usr/share/a.cls\n", "doc"), None);
        assert_eq!(name("[1,2:3,4\n", "doc"), None);
    }

    #[test]
    fn names_are_as_tex_has_them() {
        let path = |text| ProjectPath::new(text).unwrap();
        assert_eq!(relative(&path("a/b.tex"), "a"), "b.tex");
        assert_eq!(relative(&path("c.tex"), "a"), "../c.tex");
        assert_eq!(relative(&path("c/d.tex"), "a/b"), "../../c/d.tex");
        assert_eq!(relative(&path("d.tex"), ""), "d.tex");
    }
}
