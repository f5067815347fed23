//! The one interface through which the engine reads and writes: generated files in memory, the
//! project through the application, then the bundle. Nothing else exists for it, but fonts that
//! fontconfig found in a font folder.

mod live_run;

use super::{font_map, globals, line::Line, live::Live, pictures, signals};
use crate::{
    live::{Change, is_state_file},
    mapped::MappedFile,
    protocol::{FromWorker, ServedFile, ToWorker, receive, send},
    report::{FileOrigin, LogMark, OutputFile, Progress, ReadFile},
};
use quire_bundle::Pack;
use quire_project::ContentHash;
use serde_bytes::ByteBuf;
use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
    rc::Rc,
    time::{Duration, Instant},
};

/// Bytes shared by handles and tables.
pub(super) type Shared = Rc<Vec<u8>>;

/// A file that is being written.
pub(super) type Growing = Rc<RefCell<Vec<u8>>>;

/// The map from TFM names to font files that xdvipdfmx reads.
const FONT_MAP: &str = "pdftex.map";
/// What glyphs are called, for xdvipdfmx: a fifth of the time that the PDF of one page takes.
const GLYPH_NAMES: [&str; 3] = ["texglyphlist.txt", "pdfglyphlist.txt", "glyphlist.txt"];

/// At most this many pages' worth of progress a second reach the application.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(30);

/// Everything a run reads and writes.
pub(super) struct Files {
    bundle: Rc<Pack<MappedFile>>,
    format: Rc<MappedFile>,
    /// Folders in which absolute names may be opened: fonts.
    font_folders: Vec<PathBuf>,
    line: Line,
    /// Of a run whose copies sleep at line starts.
    pub(super) live: Option<Live>,
    pub(super) job_name: String,
    /// Root file, as the engine is told: a name in its own folder.
    pub(super) primary: String,
    output_limit_bytes: u64,
    /// Outputs of earlier runs, and what the application put there.
    generated: HashMap<String, Shared>,
    /// Outputs of the run that is on.
    current: BTreeMap<String, Growing>,
    written_bytes: u64,
    /// What the application answered; one answer per name and job, so that a job sees one state.
    served: HashMap<String, Served>,
    fonts: HashMap<String, Option<Shared>>,
    reads: HashSet<String>,
    read_list: Vec<ReadFile>,
    marks: Vec<LogMark>,
    last_mark: Option<globals::Position>,
    last_progress: Instant,
    pages: u32,
    /// Where the bundle's font map has what, once a conversion has asked.
    map_index: Option<font_map::Index>,
    /// The lines of the font map that this document needs.
    map_subset: Option<Shared>,
    /// True from the conversion to PDF on.
    is_converting: bool,
    without_glyph_names: bool,
    /// Pictures that a blank one takes the place of.
    blank_pictures: Vec<String>,
    /// What is wrong with pictures that the run asked for.
    pub(super) unusable_pictures: Vec<String>,
    /// False when there is no application to ask: while the format is made.
    has_application: bool,
    /// Names that the run wanted to write and may not.
    pub(super) refused_outputs: Vec<String>,
}

#[derive(Clone)]
struct Served {
    file: ReadFile,
    bytes: Option<Shared>,
    /// Why the engine must not see it.
    fault: Option<String>,
}

/// What a name leads to.
pub(super) enum Found {
    /// Bytes in memory.
    Memory(Shared),
    /// A file of the bundle, by name.
    Bundle(String),
    /// Nothing.
    Nothing,
}

impl Files {
    pub(super) fn new(
        bundle: Pack<MappedFile>,
        format: MappedFile,
        font_folders: Vec<PathBuf>,
        line: Line,
    ) -> Self {
        Self {
            bundle: Rc::new(bundle),
            format: Rc::new(format),
            font_folders,
            line,
            live: None,
            job_name: String::new(),
            primary: String::new(),
            output_limit_bytes: u64::MAX,
            generated: HashMap::new(),
            current: BTreeMap::new(),
            written_bytes: 0,
            served: HashMap::new(),
            fonts: HashMap::new(),
            reads: HashSet::new(),
            read_list: Vec::new(),
            marks: Vec::new(),
            last_mark: None,
            last_progress: Instant::now(),
            pages: 0,
            map_index: None,
            map_subset: None,
            is_converting: false,
            without_glyph_names: false,
            blank_pictures: Vec::new(),
            unusable_pictures: Vec::new(),
            has_application: true,
            refused_outputs: Vec::new(),
        }
    }

    /// The same files without a project.
    pub(super) fn without_application(mut self) -> Self {
        self.has_application = false;
        self
    }

    pub(super) fn begin_job(&mut self, job_name: &str, primary: &str, output_limit_bytes: u64) {
        self.job_name = job_name.to_owned();
        self.primary = primary.to_owned();
        self.output_limit_bytes = output_limit_bytes;
    }

    /// Speak over another line from now on.
    pub(super) fn adopt(&mut self, line: Line) {
        self.line = line;
    }

    /// The text that a name stands for, of those that can change under a live run.
    pub(super) fn text(&self, name: &str) -> Option<Shared> {
        let served = || self.served.get(name).and_then(|served| served.bytes.clone());
        self.generated.get(name).cloned().or_else(served)
    }

    /// Change the text that a name stands for.
    pub(super) fn change(&mut self, change: &Change) {
        let Some(text) = self.text(&change.name) else { return };
        let start = (change.start as usize).min(text.len());
        let end = start.saturating_add(change.removed as usize).min(text.len());
        let bytes = Rc::new([&text[..start], &change.inserted, &text[end..]].concat());
        let hash = ContentHash::of(&bytes);
        let origin = if let Some(generated) = self.generated.get_mut(&change.name) {
            *generated = bytes;
            FileOrigin::Generated(hash)
        } else if let Some(served) = self.served.get_mut(&change.name) {
            served.bytes = Some(bytes);
            served.file.origin = FileOrigin::Project(hash);
            served.file.origin.clone()
        } else {
            return;
        };
        for read in self.read_list.iter_mut().filter(|read| read.name == change.name) {
            read.origin = origin.clone();
        }
    }

    /// The next message of the application; `None` when it has gone.
    pub(super) fn next_message(&mut self) -> io::Result<Option<ToWorker>> {
        match receive(&mut self.line.input) {
            Ok(message) => Ok(Some(message)),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(e) => Err(e),
        }
    }

    pub(super) fn tell(&mut self, message: &FromWorker) -> io::Result<()> {
        send(&mut self.line.output, message)
    }

    pub(super) fn put(&mut self, name: String, bytes: Vec<u8>) {
        self.generated.insert(name, Rc::new(bytes));
    }

    pub(super) fn fetch(&self, name: &str) -> Option<ByteBuf> {
        self.generated.get(name).map(|bytes| ByteBuf::from(bytes.to_vec()))
    }

    pub(super) fn begin_run(&mut self) {
        self.current.clear();
        self.written_bytes = 0;
        self.reads.clear();
        self.read_list.clear();
        self.marks.clear();
        self.last_mark = None;
        self.pages = 0;
        self.refused_outputs.clear();
        self.unusable_pictures.clear();
        if let Some(live) = &mut self.live {
            live.begin_run();
        }
    }

    /// Turn the outputs of the run that ended into files for the next one.
    pub(super) fn end_run(&mut self) -> (Vec<ReadFile>, Vec<OutputFile>) {
        let outputs = self.output_list();
        (self.end_conversion(), outputs)
    }

    /// The same for a run of whose output all is known.
    pub(super) fn end_conversion(&mut self) -> Vec<ReadFile> {
        for (name, bytes) in std::mem::take(&mut self.current) {
            self.generated.insert(name, Rc::new(bytes.take()));
        }
        self.reads.clear();
        std::mem::take(&mut self.read_list)
    }

    /// What the run that is on has written so far.
    pub(super) fn outputs(&self) -> &BTreeMap<String, Growing> {
        &self.current
    }

    fn output_list(&self) -> Vec<OutputFile> {
        self.current
            .iter()
            .map(|(name, bytes)| {
                let bytes = bytes.borrow();
                OutputFile {
                    name: name.clone(),
                    bytes: bytes.len() as u64,
                    hash: ContentHash::of(&bytes),
                }
            })
            .collect()
    }

    pub(super) fn take_marks(&mut self) -> Vec<LogMark> {
        live_run::each_once(std::mem::take(&mut self.marks))
    }

    pub(super) fn generated_bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.generated.get(name).map(|bytes| bytes.to_vec())
    }

    pub(super) fn format(&self) -> Rc<MappedFile> {
        self.format.clone()
    }

    pub(super) fn bundle(&self) -> Rc<Pack<MappedFile>> {
        self.bundle.clone()
    }

    /// Serve only those lines of the font map that the XDV needs; false when they cannot be told.
    pub(super) fn use_map_subset(&mut self) -> bool {
        let Some(xdv) = self.generated.get(&format!("{}.xdv", self.job_name)).cloned() else {
            return false;
        };
        let mut virtual_font = |name: &str| match self.find(name) {
            Found::Memory(bytes) => Some(bytes.to_vec()),
            Found::Bundle(name) => self.bundle.get(&name).map(<[u8]>::to_vec),
            Found::Nothing => None,
        };
        let fonts = font_map::fonts_of(&xdv, &mut virtual_font);
        self.map_subset = None;
        let (Some(fonts), Found::Bundle(map)) = (fonts, self.find(FONT_MAP)) else { return false };
        let map = self.bundle.get(&map).unwrap_or_default();
        let index = self.map_index.get_or_insert_with(|| font_map::Index::of(map));
        self.map_subset = Some(Rc::new(index.lines_of(map, &fonts)));
        true
    }

    /// From now on serve a blank picture in place of these, and of those that are damaged; and for the screen no
    /// lists of glyph names, where they only tell what text says.
    pub(super) fn begin_conversion(&mut self, blank_pictures: Vec<String>, for_screen: bool) {
        self.is_converting = true;
        self.blank_pictures = blank_pictures;
        self.without_glyph_names = for_screen
            && self.map_subset.as_ref().is_some_and(|map| !font_map::has_outlines_by_name(map));
    }

    /// Find a file for reading. Generated files come before the project's: an `.aux` that another
    /// program left beside the source must not be read, and is not (see [`is_state_file`]).
    pub(super) fn find(&mut self, name: &str) -> Found {
        signals::remember_opened(name);
        let found = self.look_for(name);
        self.note_found(name, &found);
        found
    }

    fn look_for(&mut self, name: &str) -> Found {
        // Compared as paths: xdvipdfmx tells `img//a.eps` as the document has it, and asks for `img/a.eps`.
        if self.blank_pictures.iter().any(|blank| Path::new(blank) == Path::new(name)) {
            return Found::Memory(Rc::new(pictures::BLANK.to_vec()));
        }
        if name == FONT_MAP
            && let Some(lines) = &self.map_subset
        {
            return Found::Memory(lines.clone());
        }
        if self.without_glyph_names && GLYPH_NAMES.contains(&name) {
            return Found::Memory(Shared::default());
        }
        if let Some(bytes) = self.current.get(name) {
            return Found::Memory(Rc::new(bytes.borrow().clone()));
        }
        if let Some(bytes) = self.generated.get(name).cloned() {
            self.note_read(name, || ReadFile {
                name: name.to_owned(),
                path: None,
                origin: FileOrigin::Generated(ContentHash::of(&bytes)),
            });
            return Found::Memory(bytes);
        }
        // Packages look for it to tell Unix from Windows.
        if name == "/dev/null" {
            return Found::Memory(Shared::default());
        }
        if self.is_font_path(name) {
            return self.open_font(name).map_or(Found::Nothing, Found::Memory);
        }
        if !is_state_file(name, &self.job_name) {
            let served = self.ask(name);
            if served.bytes.is_some() || matches!(served.file.origin, FileOrigin::Refused(_)) {
                self.note_read(name, || served.file.clone());
                if let Some(fault) = &served.fault {
                    if !self.unusable_pictures.contains(fault) {
                        self.unusable_pictures.push(fault.clone());
                    }
                    // LaTeX shall miss it, in its line; the page may want it all the same.
                    let blank = || Found::Memory(Rc::new(pictures::BLANK.to_vec()));
                    return if self.is_converting { blank() } else { Found::Nothing };
                }
                return served.bytes.map_or(Found::Nothing, Found::Memory);
            }
            if self.bundle.get(name).is_some() {
                self.note_read(name, || ReadFile {
                    origin: FileOrigin::Bundle,
                    ..served.file.clone()
                });
                return Found::Bundle(name.to_owned());
            }
            self.note_read(name, || served.file.clone());
            return Found::Nothing;
        }
        self.note_read(name, || ReadFile {
            name: name.to_owned(),
            path: None,
            origin: FileOrigin::Missing,
        });
        Found::Nothing
    }

    fn note_read(&mut self, name: &str, file: impl FnOnce() -> ReadFile) {
        if !self.reads.contains(name) {
            self.reads.insert(name.to_owned());
            self.read_list.push(file());
        }
    }

    fn ask(&mut self, name: &str) -> Served {
        if let Some(served) = self.served.get(name) {
            return served.clone();
        }
        if !self.has_application {
            let file = ReadFile { name: name.to_owned(), path: None, origin: FileOrigin::Missing };
            return Served { file, bytes: None, fault: None };
        }
        let mut answer = self
            .tell(&FromWorker::Need { name: name.to_owned() })
            .and_then(|()| receive(&mut self.line.input));
        // It came when the run did not hold any more.
        while let Ok(ToWorker::GoOn) = answer {
            answer = receive(&mut self.line.input);
        }
        let answer = match answer {
            Ok(ToWorker::File(answer)) => answer,
            // The application has gone, or lost its mind: there is nobody left to work for.
            Ok(_) | Err(_) => std::process::exit(3),
        };
        let ServedFile { path, origin, bytes } = answer;
        let found = matches!(origin, FileOrigin::Project(_));
        let fault = if found { pictures::fault(name, &bytes) } else { None };
        let served = Served {
            fault,
            file: ReadFile { name: name.to_owned(), path, origin },
            bytes: found.then(|| Rc::new(bytes.into_vec())),
        };
        self.served.insert(name.to_owned(), served.clone());
        served
    }

    fn is_font_path(&self, name: &str) -> bool {
        let path = std::path::Path::new(name);
        path.is_absolute()
            && !path.components().any(|part| part == std::path::Component::ParentDir)
            && self.font_folders.iter().any(|folder| path.starts_with(folder))
    }

    fn open_font(&mut self, name: &str) -> Option<Shared> {
        self.fonts
            .entry(name.to_owned())
            .or_insert_with(|| fs::read(name).ok().map(Rc::new))
            .clone()
    }

    /// Open a file for writing. What is written under a name that leads elsewhere is told and
    /// dropped: TeX would give up on the whole document otherwise. An `.aux` file is for TeX alone, in
    /// memory like every output, and its name follows from an `\include{../chapter}`.
    pub(super) fn create(&mut self, name: &str) -> Growing {
        let bytes = Growing::default();
        if leads_elsewhere(name) && !name.ends_with(".aux") {
            if !self.refused_outputs.iter().any(|refused| refused == name) {
                self.refused_outputs.push(name.to_owned());
            }
        } else {
            self.current.insert(name.to_owned(), bytes.clone());
        }
        bytes
    }

    /// Count bytes written; past the limit the worker says so and ends. It cannot stop the engine
    /// in any other way from here: the engine ignores write errors.
    pub(super) fn count_written(&mut self, bytes: usize) {
        self.written_bytes += bytes as u64;
        if self.written_bytes > self.output_limit_bytes {
            let at = globals::position().map(|p| (p.file(), p.line));
            let mut outputs: Vec<OutputFile> = self
                .current
                .iter()
                .map(|(name, bytes)| OutputFile {
                    name: name.clone(),
                    bytes: bytes.borrow().len() as u64,
                    hash: ContentHash([0; 32]),
                })
                .collect();
            outputs.sort_by_key(|output| std::cmp::Reverse(output.bytes));
            // If the pipe is closed the application has gone already.
            let _ = self.tell(&FromWorker::OutputLimit { at, outputs });
            std::process::exit(4);
        }
    }

    /// Called at the start of each log line.
    pub(super) fn mark_log(&mut self, log_offset: usize) {
        let now = globals::position();
        if now == self.last_mark {
            return;
        }
        let file = match (now, self.last_mark, self.marks.last()) {
            (Some(now), Some(last), Some(mark)) if now.same_file(last) => mark.file.clone(),
            (Some(now), _, _) => now.file(),
            (None, _, _) => String::new(),
        };
        self.last_mark = now;
        let line = now.map_or(0, |position| position.line);
        self.marks.push(LogMark { log_offset: log_offset as u64, file, line });
    }

    /// Called when the engine flushes its terminal, which it does after each page.
    pub(super) fn note_pages(&mut self) {
        let pages = globals::pages();
        if self.live.is_some() {
            self.tell_new_pages();
            return;
        }
        if pages > self.pages && self.last_progress.elapsed() >= PROGRESS_INTERVAL {
            self.last_progress = Instant::now();
            let _ = self.tell(&FromWorker::Progress(Progress::Page(pages)));
        }
        self.pages = pages;
    }
}

/// Whether a name is not one of a file in the root's folder or below.
fn leads_elsewhere(name: &str) -> bool {
    name.starts_with('/') || name.contains(['\\', '\0']) || name.split('/').any(|part| part == "..")
}
