//! Pages as files, made on a thread of their own by a worker that stays.

use super::{
    follower::PageConverter,
    protocol::{Event, Format, WantedPage, ms_since},
    session::{Happening, Outlet},
    texts::Texts,
};
use crate::errors::Failure;
use quire_compile::outputs::replace_preview;
use quire_pdf::{Picture, Renderer, find_library};
use quire_tex_engine::{EngineOptions, JobSetup};
use std::{
    fs, io,
    path::{Path, PathBuf},
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
        let converter = PageConverter::new(options, setup, files);
        let mut writer = Writer { converter, renderer: None };
        while let Ok(wish) = wishes.recv() {
            match wish {
                Wish::Files(files) => writer.converter.set_files(files),
                Wish::Page(page) => {
                    let xdv = page.xdv.clone();
                    outlet.send(Happening::Tell(writer.answer(page)));
                    writer.converter.rest(&xdv);
                }
            }
        }
    })?;
    Ok(sender)
}

struct Writer {
    converter: PageConverter,
    /// Started for the first picture.
    renderer: Option<Renderer>,
}

impl Writer {
    fn answer(&mut self, page: Shipped) -> Event {
        let Shipped { line, at, wanted, revision, xdv } = page;
        match self.write(&wanted, &xdv) {
            Ok(to) => {
                let WantedPage { number, format, .. } = wanted;
                Event::Written { line, number, revision, format, to, ms: ms_since(at) }
            }
            Err(Failure { message, advice }) => Event::Error { line: Some(line), message, advice },
        }
    }

    fn write(&mut self, wanted: &WantedPage, xdv: &[u8]) -> Result<PathBuf, Failure> {
        let to = std::path::absolute(&wanted.to)
            .map_err(|error| Failure::new(format!("`to`: {error}")))?;
        if is_special(&to) {
            let message = format!("`{}` is not a regular file", to.display());
            return Err(Failure::new(message).advise("name a file that may be replaced"));
        }
        let cannot = |what: &str, error: &dyn std::fmt::Display| {
            Failure::new(format!("page {} cannot be {what}: {error}", wanted.number))
        };
        let pdf = self.converter.convert(xdv).map_err(|e| cannot("converted", &e))?;
        let bytes = match wanted.format {
            Format::Pdf => pdf,
            Format::Png => {
                if wanted.dpi == 0 {
                    return Err(cannot("drawn", &"`dpi` is 0").advise("144 is what screens have"));
                }
                let page = self.renderer()?.open(pdf).map_err(|e| cannot("drawn", &e))?;
                let scale = wanted.dpi as f32 / 72.0;
                let picture = page
                    .render(0, scale)
                    .map_err(|e| cannot("drawn", &e).advise("try a smaller `dpi`"))?;
                png_of(&picture).map_err(|e| cannot("written as PNG", &e))?
            }
        };
        replace_preview(&to, &bytes).map_err(|error| {
            Failure::new(error.to_string()).advise("name a file in a folder that can be written to")
        })?;
        Ok(to)
    }

    fn renderer(&mut self) -> Result<&Renderer, Failure> {
        if self.renderer.is_none() {
            let missing = |error: String| {
                Failure::new(error).advise("ask for `pdf`, or say in QUIRE_PDFIUM where PDFium is")
            };
            let library = find_library().map_err(|e| missing(e.to_string()))?;
            self.renderer = Some(Renderer::start(&library).map_err(|e| missing(e.to_string()))?);
        }
        self.renderer.as_ref().ok_or_else(|| Failure::new("PDFium has not started"))
    }
}

fn png_of(picture: &Picture) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width, picture.height);
    // Paper is opaque: a quarter of the bytes less.
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fastest);
    let rgb: Vec<u8> = picture.rgba.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
    encoder.write_header()?.write_image_data(&rgb)?;
    Ok(bytes)
}

/// A device or pipe must not be replaced by a file.
fn is_special(place: &Path) -> bool {
    let kind = fs::symlink_metadata(place).map(|metadata| metadata.file_type());
    kind.is_ok_and(|kind| !kind.is_file() && !kind.is_dir() && !kind.is_symlink())
}
