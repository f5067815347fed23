//! `quire watch --live`: pages that follow each edit, for any editor that can talk to a program, or for the
//! files on the disk as they are saved.
//!
//! One thread owns everything ([`session`]); others read requests, watch the disk, convert pages, explain
//! errors and build, and send it what comes of it.

mod builds;
mod disk;
mod explain;
#[cfg(target_os = "linux")]
mod follower;
#[cfg(not(target_os = "linux"))]
#[path = "follower_none.rs"]
mod follower;
mod input;
mod outcome;
mod pages;
mod protocol;
mod session;
mod texts;

use crate::{
    args::OutputArgs,
    document::{Document, output_place, request},
    errors::Failure,
};
use disk::Disk;
use follower::{Bell, Follower};
use protocol::{Event, VERSION};
use quire_compile::build::{EngineChoice, last_generated};
use quire_tex_engine::{EngineOptions, JobSetup};
use session::{Happening, Outlet, Parts, Session};
use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, sync_channel},
    },
    time::Duration,
};
use texts::Texts;

/// A run that ships nothing for so long is given up, unless `--timeout` is shorter.
const PATIENCE: Duration = Duration::from_secs(10);
/// So much may wait before those who send do.
const WAITING: usize = 1024;
/// Exit code after a second Ctrl-C.
const INTERRUPTED: i32 = 130;

pub(crate) fn run(args: &OutputArgs) -> Result<ExitCode, Failure> {
    let mut args = args.clone();
    args.document.quiet = true;
    let document = Arc::new(Document::find(&args.document.location, true)?);
    let place = output_place(&document, &args)?;
    let (outlet, inbox) = channel();
    interrupt_through(outlet.clone())?;
    let is_driven = input::is_driven();
    let (disk, unwatched) = match Disk::start(&document, &outlet) {
        Ok(disk) => (Some(disk), None),
        // The editor tells of most changes itself.
        Err(failure) if is_driven => (None, Some(failure)),
        Err(failure) => return Err(failure),
    };
    let texts = Texts::on_disk(&document.folder)?;
    let first = request(&document, &args.document, Some(place), !args.no_synctex)?;
    let options = EngineOptions {
        worker: first.worker.clone(),
        bundle: first.bundle.path().to_owned(),
        limits: first.limits,
    };
    let generated = first
        .builds_cache
        .as_ref()
        .map(|cache| last_generated(cache, &first.project, &first.root, first.engine));
    let setup = JobSetup {
        root: document.root.clone(),
        job_name: document.root.stem().to_owned(),
        date_s: first.date.seconds(),
        // The end of a run is a build's first pass.
        synctex: first.synctex,
        restored: generated.unwrap_or_default(),
    };
    let files = Arc::new(texts.clone());
    let pages = pages::start(options.clone(), setup.clone(), files.clone(), outlet.clone());
    let explainer = explain::start(document.clone(), first.bundle.clone(), outlet.clone())
        .map_err(no_thread)?;
    let patience = PATIENCE.min(args.document.timeout);
    let follower = if first.engine == EngineChoice::Tectonic {
        Follower::start(options, setup, files, patience, &outlet.bell)
    } else {
        Err(format!(
            "pages follow each edit with the built-in engine only, not `{}`",
            first.engine.name()
        ))
    };
    let (follower, why) = match follower {
        Ok(follower) => (Some(follower), None),
        Err(why) => (None, Some(why)),
    };
    let hello = Event::Hello {
        version: VERSION,
        quire: env!("CARGO_PKG_VERSION"),
        project: document.folder.clone(),
        root: document.root.to_string(),
        live: follower.is_some(),
        why,
    };
    if is_driven {
        input::read(outlet.clone()).map_err(no_thread)?;
    }
    let pages = pages.map_err(no_thread)?;
    let mut session = Session::new(Parts {
        document: document.clone(),
        args,
        texts,
        inbox,
        outlet,
        follower,
        pages,
        explainer,
        disk,
    });
    session.tell(&hello);
    if let Some(failure) = unwatched {
        session.tell_failure(failure);
    }
    session.run();
    document.end();
    Ok(ExitCode::SUCCESS)
}

fn channel() -> (Outlet, Receiver<Happening>) {
    let (sender, inbox) = sync_channel(WAITING);
    (Outlet { sender, bell: Bell::default() }, inbox)
}

fn no_thread(error: std::io::Error) -> Failure {
    Failure::new(format!("cannot start a thread: {error}"))
}

/// The first Ctrl-C ends the session; the second ends us at once.
fn interrupt_through(outlet: Outlet) -> Result<(), Failure> {
    let was_before = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        let is_second = was_before.swap(true, Ordering::Relaxed);
        if is_second || outlet.sender.try_send(Happening::Interrupted).is_err() {
            std::process::exit(INTERRUPTED);
        }
        outlet.bell.ring();
    })
    .map_err(|e| Failure::new(format!("cannot watch for Ctrl-C: {e}")))
}
