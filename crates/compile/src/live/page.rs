//! Single pages: as PDF, by a worker that stays, and as parts of their document.

use super::LiveDocument;
use quire_project::FileSource;
use quire_tex_engine::{CancelToken, Engine, EngineError, EngineOptions, JobSetup, PdfOptions};
use quire_xdv::Stream;
use std::sync::Arc;

/// xdvipdfmx keeps most of a megabyte of each page that it has converted.
const PAGES_OF_A_WORKER: u32 = 48;

/// Makes a PDF of one page at a time. The first takes longer than those that follow.
pub struct PageConverter {
    options: EngineOptions,
    setup: JobSetup,
    files: Arc<dyn FileSource>,
    engine: Option<Engine>,
    /// How many the engine has made.
    converted: u32,
}

impl PageConverter {
    /// Nothing is started before the first page.
    pub fn new(options: EngineOptions, mut setup: JobSetup, files: Arc<dyn FileSource>) -> Self {
        setup.restored.clear();
        Self { options, setup, files, engine: None, converted: 0 }
    }

    /// Pictures are read from here from now on. A worker sees one state of the files: it is started anew.
    pub fn set_files(&mut self, files: Arc<dyn FileSource>) {
        self.files = files;
        self.engine = None;
    }

    /// The process of its worker.
    pub fn process(&self) -> Option<u32> {
        self.engine.as_ref().map(Engine::process)
    }

    /// When there is a moment: let another worker take over from one that has made many pages, and know what
    /// this one needs.
    pub fn rest(&mut self, xdv: &[u8]) {
        if self.converted >= PAGES_OF_A_WORKER {
            self.engine = None;
            // What is wrong with it is told to whoever asks for it.
            let _ = self.convert(xdv);
        }
    }

    /// The PDF of a page that is an XDV file of its own.
    pub fn convert(&mut self, xdv: &[u8]) -> Result<Vec<u8>, EngineError> {
        let mut engine = match self.engine.take() {
            Some(engine) => engine,
            None => {
                self.converted = 0;
                let (files, setup) = (self.files.clone(), self.setup.clone());
                Engine::start(&self.options, files, setup, &CancelToken::new())?
            }
        };
        self.converted += 1;
        engine.renew(self.options.limits.wall);
        engine.put(&format!("{}.xdv", self.setup.job_name), xdv)?;
        let options = PdfOptions { for_screen: true, ..PdfOptions::default() };
        let report = engine.make_pdf(&options)?;
        match report.pdf {
            Ok(pdf) => {
                self.engine = Some(engine);
                Ok(pdf)
            }
            // A conversion that broke off leaves open handles behind: the next has another worker.
            Err(reason) => Err(EngineError::Protocol(reason)),
        }
    }
}

impl LiveDocument {
    /// A page, counted from one, as an XDV file of its own whose links to other places of the document lead to addresses
    /// `scheme:name`.
    pub fn page_with_addresses(&self, number: u32, scheme: &str) -> Option<Vec<u8>> {
        self.pages.xdv.slice_with_addresses(number.checked_sub(1)? as usize, scheme)
    }

    /// Where most of what a page says was when nothing was under way last, both counted from one.
    pub fn came_from(&self, number: u32) -> Option<u32> {
        let origin = self.pages.xdv.origin(number.checked_sub(1)? as usize, &self.rested)?;
        u32::try_from(origin + 1).ok()
    }

    /// Something begins: if nothing is under way, these are the pages that those to come are found among.
    pub(super) fn note_rest(&mut self) {
        if self.is_at_rest() {
            self.rested = self.pages.xdv.clone();
        }
    }

    /// All pages, as they were told.
    pub fn all_pages(&self) -> Stream {
        self.pages.xdv.clone()
    }
}
