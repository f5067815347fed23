//! The worker process: reads a message, runs an engine, answers. Single-threaded; nothing here
//! outlives one document.

mod enclosure;
mod files;
mod font_map;
mod globals;
mod handles;
mod launcher;
mod line;
mod live;
mod pictures;
mod runs;
mod sandbox;
mod signals;
#[cfg(target_os = "linux")]
mod tables;

use crate::{
    mapped::MappedFile,
    protocol::{FromWorker, Hello, PROTOCOL_VERSION, ToWorker},
    report::JobSetup,
};
use files::Files;
use line::Line;
use quire_bundle::{BundleDir, Pack};
use sandbox::{Calls, Walls};
use std::{cell::RefCell, fs, path::Path, process::ExitCode, rc::Rc};
use tectonic_engine_xetex::FORMAT_SERIAL;

pub use enclosure::enclose;
pub use launcher::run_confined;

/// Address space beyond the memory limit: the mapped bundle, the format, the program itself.
const MAPPINGS_BYTES: u64 = 4 << 30;

/// Serve one job over standard input and output, within the memory that it is allowed.
pub fn serve(bundle_dir: &Path, memory_bytes: u64) -> ExitCode {
    serve_over(bundle_dir, memory_bytes, Line::open(), None)
}

/// Serve one live document over standard input, which is a socket.
#[cfg(target_os = "linux")]
pub fn serve_live(bundle_dir: &Path, memory_bytes: u64) -> ExitCode {
    let (line, live) = live::open_line();
    serve_over(bundle_dir, memory_bytes, line, Some(live))
}

fn serve_over(
    bundle_dir: &Path,
    memory_bytes: u64,
    mut line: Line,
    live: Option<live::Live>,
) -> ExitCode {
    signals::report_place_at_the_end();
    signals::end_with_parent();
    let (files, font_files) = match open_bundle(bundle_dir) {
        Ok(opened) => opened,
        Err(reason) => {
            let _ = crate::protocol::send(&mut line.output, &FromWorker::Unusable { reason });
            return ExitCode::from(2);
        }
    };
    let (pack, format) = files;
    let mut files = Files::new(pack, format, crate::fonts::folders(bundle_dir), line);
    let calls = if live.is_some() { Calls::ListedAndFork } else { Calls::Listed };
    files.live = live;
    let sandbox = sandbox::confine(&Walls {
        read: font_files,
        execute: Vec::new(),
        write: Vec::new(),
        scratch: Vec::new(),
        address_space_bytes: Some(memory_bytes.saturating_mul(2).saturating_add(MAPPINGS_BYTES)),
        cpu_s: None,
        file_size_bytes: Some(0),
        processes: None,
        calls,
    });
    let hello = Hello { protocol: PROTOCOL_VERSION, format_serial: FORMAT_SERIAL, sandbox };
    match answer(Rc::new(RefCell::new(files)), hello) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("quire-tex-worker: {e}");
            ExitCode::from(3)
        }
    }
}

type Opened = ((Pack<MappedFile>, MappedFile), Vec<std::path::PathBuf>);

fn open_bundle(dir: &Path) -> Result<Opened, String> {
    let bundle = BundleDir::open(dir).map_err(|e| e.to_string())?;
    bundle.check_format_serial(FORMAT_SERIAL).map_err(|e| e.to_string())?;
    let pack = open_pack(&bundle.pack_path())?;
    let format = map(&bundle.format_path())?;
    Ok(((pack, format), crate::fonts::readable(dir)))
}

fn map(path: &Path) -> Result<MappedFile, String> {
    MappedFile::open(path).map_err(|e| format!("cannot open `{}`: {e}", path.display()))
}

fn open_pack(path: &Path) -> Result<Pack<MappedFile>, String> {
    Pack::open(map(path)?).map_err(|e| format!("`{}`: {e}", path.display()))
}

fn answer(files: Rc<RefCell<Files>>, hello: Hello) -> std::io::Result<()> {
    files.borrow_mut().tell(&FromWorker::Hello(hello))?;
    let mut job: Option<JobSetup> = None;
    loop {
        let message = files.borrow_mut().next_message()?;
        let Some(message) = message else { return Ok(()) };
        let reply = match (message, &job) {
            (ToWorker::Setup { setup, limits }, _) => {
                let primary = setup.root.file_name().to_owned();
                files.borrow_mut().begin_job(&setup.job_name, &primary, limits.output_bytes);
                job = Some(setup);
                continue;
            }
            (ToWorker::Put { name, bytes }, _) => {
                files.borrow_mut().put(name, bytes.into_vec());
                continue;
            }
            // It came when the run did not hold any more.
            (ToWorker::GoOn, _) => continue,
            (ToWorker::Fetch { name }, _) => FromWorker::Fetched(files.borrow().fetch(&name)),
            (ToWorker::Tex, Some(job)) => {
                FromWorker::Tex(runs::run_tex(&files, job.date_s, job.synctex))
            }
            (ToWorker::Bibtex { aux }, Some(_)) => {
                FromWorker::Bibtex(runs::run_bibtex(&files, &aux))
            }
            (ToWorker::Pdf { options }, Some(job)) => {
                FromWorker::Pdf(runs::make_pdf(&files, job.date_s, options))
            }
            (message, _) => {
                FromWorker::Unusable { reason: format!("did not expect {message:.40?}") }
            }
        };
        files.borrow_mut().tell(&reply)?;
    }
}

/// Make `latex.fmt` in a bundle directory that has its pack.
///
/// Runs outside the sandbox: the sources are the bundle's own.
pub fn make_format(bundle_dir: &Path, date_s: u64) -> Result<u64, String> {
    let pack = open_pack(&bundle_dir.join("bundle.pack"))?;
    let empty = map(&bundle_dir.join("bundle.pack"))?;
    let files = Files::new(pack, empty, Vec::new(), Line::open());
    let bytes = runs::make_format(&Rc::new(RefCell::new(files.without_application())), date_s)?;
    let target = bundle_dir.join("latex.fmt");
    let partial = bundle_dir.join("latex.fmt.partial");
    fs::write(&partial, &bytes)
        .and_then(|()| fs::rename(&partial, &target))
        .map_err(|e| format!("cannot write `{}`: {e}", target.display()))?;
    Ok(bytes.len() as u64)
}

/// The engine's format serial, for the bundle's manifest.
pub fn format_serial() -> u32 {
    FORMAT_SERIAL
}

/// Let fontconfig read its configuration, look through the font folders and write its cache.
#[cfg(not(target_os = "macos"))]
pub fn warm_fonts() -> ExitCode {
    unsafe extern "C" {
        fn FcInit() -> std::ffi::c_int;
    }
    // SAFETY: takes no arguments, may be called once from a single-threaded program.
    let done = unsafe { FcInit() };
    if done == 1 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// CoreText needs no cache of ours.
#[cfg(target_os = "macos")]
pub fn warm_fonts() -> ExitCode {
    ExitCode::SUCCESS
}
