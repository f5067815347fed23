//! Pages as files, made on a thread of their own by a worker that stays.

use super::{
    follower::PageConverter,
    protocol::{Event, WantedPage, ms_since},
    session::{Happening, Outlet},
    texts::Texts,
};
use quire_compile::outputs::replace_file;
use quire_tex_engine::{EngineOptions, JobSetup};
use std::{
    fs, io,
    path::Path,
    sync::{
        Arc,
        mpsc::{Sender, channel},
    },
    time::Instant,
};

pub(super) enum Wish {
    /// Pictures are read from here from now on.
    Files(Arc<Texts>),
    /// A page is to be written.
    Page(Shipped),
}

/// A page that was asked for, as it was shipped.
pub(super) struct Shipped {
    /// The line of the request.
    pub(super) line: u64,
    pub(super) at: Instant,
    pub(super) wanted: WantedPage,
    /// Of the edit that it shows.
    pub(super) revision: u64,
    pub(super) xdv: Vec<u8>,
}

/// Start the thread. It ends when the sender goes.
pub(super) fn start(
    options: EngineOptions,
    setup: JobSetup,
    files: Arc<Texts>,
    outlet: Outlet,
) -> io::Result<Sender<Wish>> {
    let (sender, wishes) = channel();
    std::thread::Builder::new().name("pages".to_owned()).spawn(move || {
        let mut converter = PageConverter::new(options, setup, files);
        while let Ok(wish) = wishes.recv() {
            match wish {
                Wish::Files(files) => converter.set_files(files),
                Wish::Page(page) => {
                    outlet.send(Happening::Tell(write(&mut converter, page)));
                }
            }
        }
    })?;
    Ok(sender)
}

fn write(converter: &mut PageConverter, page: Shipped) -> Event {
    let Shipped { line, at, wanted, revision, xdv } = page;
    let WantedPage { number, format, to } = wanted;
    let failed = |message: String, advice: Option<&str>| Event::Error {
        line: Some(line),
        message,
        advice: advice.map(str::to_owned),
    };
    let to = match std::path::absolute(&to) {
        Ok(to) => to,
        Err(error) => return failed(format!("`to`: {error}"), None),
    };
    if is_special(&to) {
        let message = format!("`{}` is not a regular file", to.display());
        return failed(message, Some("name a file that may be replaced"));
    }
    let pdf = match converter.convert(&xdv) {
        Ok(pdf) => pdf,
        Err(error) => return failed(format!("page {number} cannot be converted: {error}"), None),
    };
    match replace_file(&to, &pdf) {
        Ok(()) => Event::Written { line, number, revision, format, to, ms: ms_since(at) },
        Err(error) => {
            failed(error.to_string(), Some("name a file in a folder that can be written to"))
        }
    }
}

/// A device or pipe must not be replaced by a file.
fn is_special(place: &Path) -> bool {
    let kind = fs::symlink_metadata(place).map(|metadata| metadata.file_type());
    kind.is_ok_and(|kind| !kind.is_file() && !kind.is_dir() && !kind.is_symlink())
}
