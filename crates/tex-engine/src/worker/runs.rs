//! The engines themselves: TeX, BibTeX, xdvipdfmx, and the making of the format.

use super::{files::Files, globals, handles::EngineFiles, live::Live};
use crate::report::{
    BibtexReport, EngineMessage, MessageKind, PdfOptions, PdfReport, TexOutcome, TexReport,
};
use std::{
    cell::{Cell, RefCell},
    fmt::Arguments,
    rc::Rc,
    time::{Duration, Instant, SystemTime},
};
use tectonic_bridge_core::{CoreBridgeLauncher, SecuritySettings, SecurityStance};
use tectonic_engine_bibtex::BibtexEngine;
use tectonic_engine_xdvipdfmx::XdvipdfmxEngine;
use tectonic_engine_xetex::{TexEngine, TexOutcome as XetexOutcome};
use tectonic_errors::Error;
use tectonic_status_base::{MessageKind as StatusKind, StatusBackend};

/// More messages than this from one run say nothing new.
pub(super) const MESSAGE_LIMIT: usize = 10_000;

/// Collects what the engines report beside the log.
#[derive(Default)]
struct Messages {
    /// For those who go on with a run that they have not begun.
    all: Rc<RefCell<Vec<EngineMessage>>>,
    /// For those who count while the run is on.
    errors: Rc<Cell<u32>>,
}

impl StatusBackend for Messages {
    fn report(&mut self, kind: StatusKind, args: Arguments<'_>, err: Option<&Error>) {
        if let StatusKind::Error = kind {
            self.errors.set(self.errors.get().saturating_add(1));
        }
        let mut all = self.all.borrow_mut();
        if all.len() >= MESSAGE_LIMIT {
            return;
        }
        let kind = match kind {
            StatusKind::Note => MessageKind::Note,
            StatusKind::Warning => MessageKind::Warning,
            StatusKind::Error => MessageKind::Error,
        };
        let text = match err {
            Some(cause) => format!("{args}: {cause}"),
            None => args.to_string(),
        };
        all.push(EngineMessage { kind, text });
    }

    fn dump_error_logs(&mut self, _output: &[u8]) {}
}

fn launch<T>(
    files: &Rc<RefCell<Files>>,
    messages: &mut Messages,
    date_s: u64,
    run: impl FnOnce(&mut CoreBridgeLauncher<'_>) -> T,
) -> T {
    let mut hooks = EngineFiles(files.clone());
    let security = SecuritySettings::new(SecurityStance::DisableInsecures);
    let mut launcher = CoreBridgeLauncher::new_with_security(&mut hooks, messages, security);
    launcher.with_mtime_override(i64::try_from(date_s).ok());
    run(&mut launcher)
}

fn date(date_s: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(date_s)
}

fn outcome(result: Result<XetexOutcome, Error>) -> TexOutcome {
    match result {
        Ok(XetexOutcome::Spotless) => TexOutcome::Clean,
        Ok(XetexOutcome::Warnings) => TexOutcome::Warnings,
        Ok(XetexOutcome::Errors) => TexOutcome::Errors,
        Err(e) => TexOutcome::Fatal(e.to_string()),
    }
}

/// One pass of TeX over the document.
pub(super) fn run_tex(files: &Rc<RefCell<Files>>, date_s: u64, synctex: bool) -> TexReport {
    let start = Instant::now();
    let primary = {
        let mut files = files.borrow_mut();
        files.begin_run();
        files.primary.clone()
    };
    let (errors, all) = files.borrow().live.as_ref().map(Live::counts).unwrap_or_default();
    let mut messages = Messages { errors, all };
    let result = launch(files, &mut messages, date_s, |launcher| {
        TexEngine::default()
            .halt_on_error_mode(false)
            .synctex(synctex)
            .build_date(date(date_s))
            .process(launcher, "latex.fmt", &primary)
    });
    globals::run_ended();
    let pages = globals::pages();
    let mut files = files.borrow_mut();
    files.tell_new_pages();
    let refused = std::mem::take(&mut files.refused_outputs);
    let mut told = messages.all.take();
    told.extend(refused.into_iter().map(|name| EngineMessage {
        kind: MessageKind::Error,
        text: format!("refused to write `{name}`: it lies outside the project"),
    }));
    told.extend(
        std::mem::take(&mut files.unusable_pictures)
            .into_iter()
            .map(|text| EngineMessage { kind: MessageKind::Error, text }),
    );
    let marks = files.take_marks();
    let (reads, outputs) = files.end_run();
    let log_name = format!("{}.log", files.job_name);
    TexReport {
        outcome: outcome(result),
        pages,
        open_groups: globals::open_groups(),
        log: files.generated_bytes(&log_name).unwrap_or_default(),
        marks,
        messages: told,
        reads,
        outputs,
        wall: start.elapsed(),
        peak_memory_bytes: peak_memory_bytes(),
    }
}

/// BibTeX on one `.aux` file.
pub(super) fn run_bibtex(files: &Rc<RefCell<Files>>, aux: &str) -> BibtexReport {
    files.borrow_mut().begin_run();
    let mut messages = Messages::default();
    let result =
        launch(files, &mut messages, 0, |launcher| BibtexEngine::default().process(launcher, aux));
    let mut files = files.borrow_mut();
    let (reads, outputs) = files.end_run();
    let log_name = format!("{}.blg", aux.strip_suffix(".aux").unwrap_or(aux));
    BibtexReport {
        outcome: outcome(result.map(|o| match o {
            tectonic_engine_bibtex::BibtexOutcome::Spotless => XetexOutcome::Spotless,
            tectonic_engine_bibtex::BibtexOutcome::Warnings => XetexOutcome::Warnings,
            tectonic_engine_bibtex::BibtexOutcome::Errors => XetexOutcome::Errors,
        })),
        log: files.generated_bytes(&log_name).unwrap_or_default(),
        reads,
        outputs,
    }
}

/// Convert the XDV of the last pass. The PDF becomes the generated file `<job>.pdf`.
pub(super) fn make_pdf(files: &Rc<RefCell<Files>>, date_s: u64, options: PdfOptions) -> PdfReport {
    let start = Instant::now();
    let (job, part_of_font_map) = {
        let mut files = files.borrow_mut();
        let part = !options.whole_font_map && files.use_map_subset();
        files.begin_conversion(options.blank_pictures, options.for_screen);
        files.begin_run();
        (files.job_name.clone(), part)
    };
    let mut messages = Messages::default();
    let result = launch(files, &mut messages, date_s, |launcher| {
        XdvipdfmxEngine::default()
            .enable_compression(!options.for_screen)
            .enable_deterministic_tags(true)
            .paper_spec("a4".to_owned())
            .build_date(date(date_s))
            .process(launcher, &format!("{job}.xdv"), &format!("{job}.pdf"))
    });
    let reads = files.borrow_mut().end_conversion();
    PdfReport {
        pdf: result.map(|()| Vec::new()).map_err(|e| e.to_string()),
        messages: messages.all.take(),
        part_of_font_map,
        reads,
        wall: start.elapsed(),
    }
}

/// Make the LaTeX format from the bundle's own sources. On failure: the end of the log.
pub(super) fn make_format(files: &Rc<RefCell<Files>>, date_s: u64) -> Result<Vec<u8>, String> {
    const SOURCE: &str = "tectonic-format-latex.tex";
    files.borrow_mut().begin_job("tectonic-format-latex", SOURCE, u64::MAX);
    files.borrow_mut().begin_run();
    let mut messages = Messages::default();
    let result = launch(files, &mut messages, date_s, |launcher| {
        TexEngine::default()
            .halt_on_error_mode(true)
            .initex_mode(true)
            .build_date(date(date_s))
            .process(launcher, "unused.fmt", SOURCE)
    });
    let mut files = files.borrow_mut();
    files.end_run();
    let bytes = files.generated_bytes("tectonic-format-latex.fmt");
    match (result, bytes) {
        (Ok(_), Some(bytes)) if !bytes.is_empty() => Ok(bytes),
        (result, _) => {
            let log = files.generated_bytes("tectonic-format-latex.log").unwrap_or_default();
            let log = String::from_utf8_lossy(&log);
            let tail: Vec<&str> = log.lines().rev().take(20).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            let cause = result.err().map_or_else(String::new, |e| format!("{e}\n"));
            Err(format!("{cause}{}", tail.join("\n")))
        }
    }
}

fn peak_memory_bytes() -> u64 {
    #[cfg(unix)]
    {
        // SAFETY: `getrusage` fills the plain struct it is given; all-zero is a valid value of it.
        let usage = unsafe {
            let mut usage: libc::rusage = std::mem::zeroed();
            libc::getrusage(libc::RUSAGE_SELF, &mut usage);
            usage
        };
        // Linux counts kibibytes, macOS bytes.
        let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
        u64::try_from(usage.ru_maxrss).unwrap_or(0) * unit
    }
    #[cfg(not(unix))]
    {
        0
    }
}
