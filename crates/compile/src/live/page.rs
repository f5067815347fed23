//! Single pages as PDF, by a worker that stays.

use quire_project::FileSource;
use quire_tex_engine::{CancelToken, Engine, EngineError, EngineOptions, JobSetup, PdfOptions};
use std::sync::Arc;

/// Makes a PDF of one page at a time. The first takes longer than those that follow.
pub struct PageConverter {
    options: EngineOptions,
    setup: JobSetup,
    files: Arc<dyn FileSource>,
    engine: Option<Engine>,
}

impl PageConverter {
    /// Nothing is started before the first page.
    pub fn new(options: EngineOptions, mut setup: JobSetup, files: Arc<dyn FileSource>) -> Self {
        setup.restored.clear();
        Self { options, setup, files, engine: None }
    }

    /// Pictures are read from here from now on. A worker sees one state of the files: it is started anew.
    pub fn set_files(&mut self, files: Arc<dyn FileSource>) {
        self.files = files;
        self.engine = None;
    }

    /// The PDF of a page that is an XDV file of its own.
    pub fn convert(&mut self, xdv: &[u8]) -> Result<Vec<u8>, EngineError> {
        let mut engine = match self.engine.take() {
            Some(engine) => engine,
            None => Engine::start(
                &self.options,
                self.files.clone(),
                self.setup.clone(),
                &CancelToken::new(),
            )?,
        };
        engine.renew(self.options.limits.wall);
        engine.put(&format!("{}.xdv", self.setup.job_name), xdv)?;
        let options = PdfOptions { uncompressed: true, ..PdfOptions::default() };
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
