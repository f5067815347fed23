//! Every template, built with the real engine and the small bundle: not a warning, and the first page
//! looks as its picture says. `cargo xtask templates` makes the pictures anew; look at them first.

use anyhow::{Context, Result, anyhow, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use quire_bundle::{BundleDir, find_bundle};
use quire_compile::{
    build::{
        BuildDate, BuildOptions, BuildOutcome, BuildRequest, EngineChoice, OutputPlace, build,
    },
    diagnostics::Severity,
};
use quire_pdf::{Picture, Renderer, find_library};
use quire_project::{MemoryFiles, ProjectPath};
use quire_templates::{PICTURE_WIDTH, TEMPLATES, Template};
use quire_tex_engine::{CancelToken, Limits, find_worker};
use std::{collections::BTreeSet, fs, io::Cursor, path::Path, process::ExitCode, sync::Arc};

/// Set to write the pictures instead of comparing them.
const BLESS: &str = "QUIRE_BLESS";
/// The small bundle, which every installation has.
const CORE: &str = "QUIRE_CORE_BUNDLE";
/// 14 September 2026: templates say when they were written.
const DATE_S: u64 = 1_789_344_000;
/// A picture is shown beside nine others.
const PICTURE_LIMIT: usize = 40_000;
/// Steps of colour in the pictures: enough for letters, and files stay small.
const STEP: u8 = 17;

fn main() -> Result<ExitCode> {
    let arguments = Arguments::from_args();
    let built = TEMPLATES.iter().map(|template| {
        Trial::test(template.id, move || test(template).map_err(|e| Failed::from(format!("{e:#}"))))
    });
    let listed = Trial::test("every_file_is_listed_once", || {
        every_file_is_listed_once().map_err(|e| Failed::from(format!("{e:#}")))
    });
    let trials = built.chain([listed]).collect();
    Ok(libtest_mimic::run(&arguments, trials).exit_code())
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn test(template: &Template) -> Result<()> {
    let found = first_page(template)?;
    let place = here().join("pictures").join(format!("{}.webp", template.id));
    if std::env::var_os(BLESS).is_some() {
        let webp = found.to_webp()?;
        ensure!(webp.len() <= PICTURE_LIMIT, "the picture has {} bytes", webp.len());
        return fs::write(&place, webp).with_context(|| place.display().to_string());
    }
    let expected = fs::read(&place).with_context(|| place.display().to_string())?;
    ensure!(expected == template.picture, "the picture is not the one that was built in");
    let differing = difference(&found, &expected)?;
    ensure!(
        differing < 0.002,
        "{:.1} % of its first page differ from {}: look at it, then `cargo xtask templates`",
        differing * 100.0,
        place.display()
    );
    Ok(())
}

/// Build the template as an author would, and see its first page.
fn first_page(template: &Template) -> Result<Picture> {
    let out = tempfile::tempdir()?;
    let mut files = MemoryFiles::default();
    for file in template.files {
        files.insert(ProjectPath::new(file.path)?, file.text.as_bytes());
    }
    let request = BuildRequest {
        project: template.id.to_owned(),
        files: Arc::new(files),
        root: ProjectPath::new(template.root())?,
        engine: EngineChoice::Tectonic,
        tex_live: None,
        worker: find_worker()?,
        bundle: core_bundle()?,
        limits: Limits::default(),
        date: BuildDate::Fixed(DATE_S),
        synctex: false,
        xdv: false,
        options: BuildOptions::default(),
        max_passes: BuildRequest::DEFAULT_MAX_PASSES,
        output: Some(OutputPlace { folder: out.path().to_owned(), create: false }),
        builds_cache: None,
    };
    let result = build(&request, &mut |_| {}, &CancelToken::new())?;
    let told = result.diagnostics.iter().filter(|told| told.severity != Severity::Hint);
    let told: Vec<String> = told.map(|told| format!("{}: {}", told.code, told.message)).collect();
    ensure!(told.is_empty(), "not clean:\n{}", told.join("\n"));
    ensure!(result.outcome == BuildOutcome::Clean, "{:?}", result.outcome);
    let pdf = fs::read(result.pdf.context("no PDF")?)?;
    let document = Renderer::start(&find_library()?)?.open(pdf)?;
    let scale = PICTURE_WIDTH as f32 / document.pages()[0].width;
    let mut picture = document.render(0, scale)?;
    for value in &mut picture.rgba {
        *value = (*value / STEP + u8::from(*value % STEP > STEP / 2)) * STEP;
    }
    Ok(picture)
}

fn core_bundle() -> Result<BundleDir> {
    let core = std::env::var_os(CORE).map(std::path::PathBuf::from);
    find_bundle(core.as_deref()).map_err(|error| anyhow!("{error}; `cargo xtask setup`"))
}

/// The part of the pixels that are plainly other ones.
fn difference(found: &Picture, expected: &[u8]) -> Result<f64> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(expected))?;
    ensure!(decoder.dimensions() == (found.width, found.height), "it has another size");
    let bytes = if decoder.has_alpha() { 4 } else { 3 };
    let mut pixels = vec![0; decoder.output_buffer_size().context("too large")?];
    decoder.read_image(&mut pixels)?;
    let pairs = found.rgba.chunks(4).zip(pixels.chunks(bytes));
    let differs = |(a, b): &(&[u8], &[u8])| (0..3).any(|i| a[i].abs_diff(b[i]) > 3 * STEP);
    Ok(pairs.filter(differs).count() as f64 / f64::from(found.width * found.height))
}

fn every_file_is_listed_once() -> Result<()> {
    let mut on_disk = BTreeSet::new();
    let mut folders = vec![here().join("data")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let below = path.strip_prefix(here().join("data"))?;
                on_disk.insert(below.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    let listed = |template: &'static Template| {
        template.files.iter().map(move |file| format!("{}/{}", template.id, file.path))
    };
    let listed: BTreeSet<String> = TEMPLATES.iter().flat_map(listed).collect();
    ensure!(listed == on_disk, "listed: {listed:?}\non disk: {on_disk:?}");
    let ids: BTreeSet<&str> = TEMPLATES.iter().map(|template| template.id).collect();
    ensure!(ids.len() == TEMPLATES.len(), "an id is given twice");
    Ok(())
}
