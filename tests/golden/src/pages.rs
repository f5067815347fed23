//! Builds a document and writes down what came of it.

use crate::documents::Document;
use anyhow::{Context, Result, anyhow};
use quire_bundle::{BundleDir, Pack, find_bundle};
use quire_compile::{
    build::{BuildDate, BuildOptions, BuildRequest, BuildResult, EngineChoice, OutputPlace, build},
    diagnostics::SourceFile,
    disk::DiskFolder,
};
use quire_pdf::{Picture, Renderer, find_library};
use quire_project::{ContentHash, ProjectPath};
use quire_tex_engine::{CancelToken, Limits, MappedFile, find_worker};
use quire_xdv::{CharWidths, Index, Item, Placed, Sp};
use std::{collections::BTreeMap, fmt::Write as _, fs, sync::Arc};

/// 2026-01-01.
const DATE_S: u64 = 1_767_225_600;
/// Of the pictures that are compared: 96 dots to an inch.
const SCALE: f32 = 96.0 / 72.0;
/// Of the pictures that are kept to look at.
const SMALL_SCALE: f32 = 60.0 / 72.0;
/// TeX's origin is one inch right of and below the paper's corner.
const INCH: Sp = Sp(4_736_286);
/// A special longer than this is cut, with its hash.
const SPECIAL_LIMIT: usize = 120;

/// What came of a document.
pub(crate) struct Found {
    pub(crate) name: String,
    /// Outcome and diagnostics, a line each.
    pub(crate) told: String,
    pub(crate) pages: Vec<Page>,
}

/// One page.
pub(crate) struct Page {
    /// Size in PDF points.
    pub(crate) size: String,
    /// A line for each run of text, as a reader of the PDF finds it.
    pub(crate) text: String,
    /// A line for each thing that TeX put on it.
    pub(crate) boxes: String,
    /// SHA-256 of the pixels.
    pub(crate) pixels: String,
    /// To look at.
    pub(crate) small: Picture,
}

/// Build the document and look at its pages.
pub(crate) fn look_at(document: &Document) -> Result<Found> {
    let out = tempfile::tempdir()?;
    let bundle = find_bundle(None).map_err(|e| anyhow!("{e}; `cargo xtask setup`"))?;
    let files = DiskFolder::open(&document.folder)?;
    let request = BuildRequest {
        project: document.name.clone(),
        files: Arc::new(files),
        root: ProjectPath::new(&document.root)?,
        engine: EngineChoice::Tectonic,
        tex_live: None,
        worker: find_worker()?,
        bundle,
        limits: Limits::default(),
        date: BuildDate::Fixed(DATE_S),
        synctex: true,
        xdv: true,
        options: BuildOptions::default(),
        max_passes: BuildRequest::DEFAULT_MAX_PASSES,
        output: Some(OutputPlace { folder: out.path().to_owned(), create: false }),
        builds_cache: None,
    };
    let result = build(&request, &mut |_| {}, &CancelToken::new())?;
    let told = told(&result);
    let Some(pdf) = &result.pdf else {
        return Ok(Found { name: document.name.clone(), told, pages: Vec::new() });
    };
    let xdv = result.xdv.as_deref().context("a PDF, and no XDV that it was made of")?;
    let boxes = boxes(xdv, &request.bundle)?;
    let renderer = Renderer::start(&find_library()?)?;
    let pdf = renderer.open(fs::read(pdf)?)?;
    anyhow::ensure!(pdf.pages().len() == boxes.len(), "the PDF has not the pages of the XDV");
    let mut pages = Vec::new();
    for (i, boxes) in boxes.into_iter().enumerate() {
        let size = pdf.pages()[i];
        let mut text = String::new();
        for run in pdf.text(i)? {
            writeln!(text, "{}", run.text.trim_end())?;
        }
        pages.push(Page {
            size: format!("{:.2} x {:.2}", size.width, size.height),
            text,
            boxes,
            pixels: ContentHash::of(&pdf.render(i, SCALE)?.rgba).to_string(),
            small: pdf.render(i, SMALL_SCALE)?,
        });
    }
    Ok(Found { name: document.name.clone(), told, pages })
}

fn told(result: &BuildResult) -> String {
    let mut told = format!("{:?}, {} pages\n", result.outcome, result.pages).to_lowercase();
    for diagnostic in &result.diagnostics {
        let place = diagnostic.place.as_ref().map(|place| {
            let file = match &place.file {
                SourceFile::Project(path) => path.to_string(),
                other => format!("{other:?}"),
            };
            format!(" {file}:{}", place.first_line.0)
        });
        let severity = format!("{:?}", diagnostic.severity).to_lowercase();
        told += &format!("{severity} {}{}\n", diagnostic.code, place.unwrap_or_default());
    }
    told
}

/// What TeX put on each page, in points of 1/72.27 inch from the paper's upper left corner.
fn boxes(xdv: &[u8], bundle: &BundleDir) -> Result<Vec<String>> {
    let index = Index::read(xdv)?;
    let pack = Pack::open(MappedFile::open(&bundle.pack_path())?)?;
    let widths: BTreeMap<u32, CharWidths> = index
        .fonts
        .iter()
        .filter(|(_, font)| !font.is_native)
        .filter_map(|(number, font)| {
            let tfm = pack.get(&format!("{}.tfm", font.name))?;
            Some((*number, CharWidths::read(tfm).ok()?))
        })
        .collect();
    let of_page = |page: &quire_xdv::Page| {
        let items = index.items(xdv, page.range.clone(), &|font| widths.get(&font).cloned())?;
        Ok(dump(&index, &items))
    };
    index.pages.iter().map(of_page).collect()
}

fn dump(index: &Index, items: &[Placed<'_>]) -> String {
    let mut lines = String::new();
    let mut chars: Option<(String, Sp)> = None;
    for placed in items {
        let place = format!("{:8.2}{:8.2}", points(placed.h), points(placed.v));
        if let (Item::Char { code, .. }, Some((run, v))) = (&placed.item, &mut chars)
            && *v == placed.v
        {
            write!(run, " {code}").unwrap_or_default();
            continue;
        }
        lines += &chars.take().map(|(run, _)| run + "\n").unwrap_or_default();
        let line = match &placed.item {
            Item::Char { font, code } => {
                chars = Some((format!("{place} {} {code}", font_name(index, *font)), placed.v));
                continue;
            }
            Item::Glyphs { font, width, glyphs, .. } => {
                let numbers: Vec<String> = glyphs.iter().map(|g| g.number.to_string()).collect();
                let width = width.to_pt();
                format!("{place} {} w={width:.2} {}", font_name(index, *font), numbers.join(" "))
            }
            Item::Rule { width, height } => {
                format!("{place} rule {:.2} x {:.2}", width.to_pt(), height.to_pt())
            }
            Item::Special(bytes) => format!("{place} special {}", special(bytes)),
        };
        lines += &line;
        lines.push('\n');
    }
    lines + &chars.map(|(run, _)| run + "\n").unwrap_or_default()
}

fn points(length: Sp) -> f64 {
    Sp(length.0.saturating_add(INCH.0)).to_pt()
}

/// File name and size; where the file lies is the machine's business.
fn font_name(index: &Index, number: u32) -> String {
    let Some(font) = index.fonts.get(&number) else { return format!("font {number}") };
    let name = font.name.rsplit('/').next().unwrap_or(&font.name);
    format!("{name}@{:.2}", font.size.to_pt())
}

fn special(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace('\n', " ");
    if text.len() <= SPECIAL_LIMIT {
        return text;
    }
    let start: String = text.chars().take(SPECIAL_LIMIT).collect();
    format!("{start}… {}", &ContentHash::of(bytes).to_string()[..12])
}
