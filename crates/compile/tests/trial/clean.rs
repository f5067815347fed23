//! The oracle: plain passes and builds that know nothing of snapshots.

use crate::documents::{Document, Files};
use quire_bundle::find_bundle;
use quire_compile::build::{
    BuildDate, BuildOptions, BuildRequest, EngineChoice, FirstPass, OutputPlace, PassReport,
    build_from, last_generated,
};
use quire_tex_engine::{
    CancelToken, Engine, EngineError, EngineOptions, JobSetup, Limits, TexReport, find_worker,
};
use quire_xdv::{Index, Stream};
use std::{fs, path::Path, sync::Arc, time::Duration};

const DATE_S: u64 = 1_767_225_600;

/// A machine that stands still for a while is no fault of the document.
const WALL: Duration = Duration::from_secs(180);

pub(crate) type Generated = Vec<(String, Vec<u8>)>;

pub(crate) fn options() -> EngineOptions {
    EngineOptions {
        worker: find_worker().expect("the worker is built: `cargo xtask setup`"),
        bundle: find_bundle(None).expect("a bundle: `cargo xtask setup`").path().to_owned(),
        limits: Limits { wall: WALL, ..Limits::default() },
    }
}

pub(crate) fn setup(document: &Document, restored: Generated) -> JobSetup {
    let root = document.root();
    JobSetup { job_name: root.stem().to_owned(), root, date_s: DATE_S, synctex: true, restored }
}

/// What a document comes to.
pub(crate) struct Pages {
    pub(crate) report: Option<TexReport>,
    pages: Stream,
}

impl Pages {
    pub(crate) fn of_xdv(report: Option<TexReport>, xdv: &[u8]) -> Self {
        let index = Index::read(xdv).ok();
        let ranges: Vec<_> =
            index.into_iter().flat_map(|index| index.pages).map(|p| p.range).collect();
        let preamble = ranges.first().map_or(0, |first| preamble_length(xdv, first.start));
        let mut pages = Stream::new(xdv[..preamble].into());
        for range in ranges {
            pages.push(xdv[range].into()).unwrap();
        }
        Self { report, pages }
    }

    pub(crate) fn len(&self) -> usize {
        self.pages.len()
    }

    /// A page, counted from nought, as an XDV file of its own.
    pub(crate) fn page(&self, index: usize) -> Option<Vec<u8>> {
        self.pages.slice(index)
    }

    /// Whether a page is what an XDV file of one page says, however that writes its movements.
    pub(crate) fn has(&self, index: usize, page: Option<&[u8]>) -> bool {
        let own = self.page(index);
        own.as_deref() == page
            || own.zip(page).is_some_and(|(own, page)| {
                Self::of_xdv(None, &own).pages.is_same_page(0, &Self::of_xdv(None, page).pages)
            })
    }
}

/// The preamble ends with a comment that says how long it is.
fn preamble_length(xdv: &[u8], at_most: usize) -> usize {
    (15 + usize::from(xdv[14])).min(at_most)
}

/// One pass over the files, with those of an earlier pass.
pub(crate) fn pass(
    document: &Document,
    files: &Files,
    generated: &Generated,
) -> Result<Pages, EngineError> {
    pass_within(WALL, document, files, generated)
}

/// One that may never come to its end.
pub(crate) fn pass_within(
    wall: Duration,
    document: &Document,
    files: &Files,
    generated: &Generated,
) -> Result<Pages, EngineError> {
    let setup = setup(document, generated.clone());
    let xdv = format!("{}.xdv", setup.job_name);
    let options = EngineOptions { limits: Limits { wall, ..Limits::default() }, ..options() };
    let mut engine = Engine::start(&options, files.source(), setup, &CancelToken::new())?;
    let report = engine.run_tex(&mut |_| {})?;
    let xdv = engine.fetch(&xdv)?.unwrap_or_default();
    Ok(Pages::of_xdv(Some(report), &xdv))
}

/// A build.
pub(crate) struct Built {
    pub(crate) pages: Pages,
    /// What it left for the next.
    pub(crate) generated: Generated,
    pub(crate) pdf: Vec<u8>,
    pub(crate) synctex: Vec<u8>,
    /// It came to an end that it would come to again.
    pub(crate) is_settled: bool,
    /// Why there was each of its passes.
    pub(crate) story: String,
}

/// A build of the files from nothing.
pub(crate) fn build_afresh(document: &Document, files: &Files) -> Option<Built> {
    build_in(tempfile::tempdir().unwrap().path(), document, files, None)
}

/// A build that goes on from those before it in this folder, and from a pass; none when there are no pages.
pub(crate) fn build_in(
    folder: &Path,
    document: &Document,
    files: &Files,
    mut pass: Option<Arc<FirstPass>>,
) -> Option<Built> {
    let builds = folder.join("builds");
    let request = BuildRequest {
        project: "trial".to_owned(),
        files: files.source(),
        root: document.root(),
        engine: EngineChoice::Tectonic,
        tex_live: None,
        worker: find_worker().unwrap(),
        bundle: find_bundle(None).unwrap(),
        limits: Limits { wall: WALL, ..Limits::default() },
        date: BuildDate::Fixed(DATE_S),
        synctex: true,
        xdv: true,
        options: BuildOptions::default(),
        max_passes: BuildRequest::DEFAULT_MAX_PASSES,
        output: Some(OutputPlace { folder: folder.join("out"), create: true }),
        builds_cache: Some(builds.clone()),
    };
    let cancel = CancelToken::new();
    let result = build_from(&request, &mut |_| pass.take(), &mut |_| {}, &cancel).ok()?;
    let reason = |pass: &PassReport| {
        format!("{}{}, {:?}; ", if pass.is_live { "live: " } else { "" }, pass.reason, pass.helpers)
    };
    Some(Built {
        pages: Pages::of_xdv(None, &result.xdv?),
        generated: last_generated(&builds, "trial", &document.root(), request.engine),
        pdf: fs::read(result.pdf?).ok()?,
        synctex: fs::read(result.synctex?).ok()?,
        story: result.passes.iter().map(reason).collect(),
        is_settled: result.passes.len() < BuildRequest::DEFAULT_MAX_PASSES as usize,
    })
}
