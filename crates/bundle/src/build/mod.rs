//! Building a bundle: packages → files by name → pack, format, fonts, tools, manifest.
//!
//! The same packages and recipe give the same bytes: everything is sorted, nothing carries a time.

mod archive;
mod debian;
mod icons;
mod languages;
mod licences;
mod maps;
mod place;
mod prune;
mod supplement;
mod tools;
mod tree;

use crate::{
    Manifest, PackWriter, PackageRecord, Recipe,
    commands::{self, CommandScanner},
    files,
};
pub use archive::{install, pack_archive};
use licences::Licences;
use place::Place;
use quire_project::{ContentHash, Hasher};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufWriter},
    path::{Path, PathBuf},
    process::Command,
};
use tree::TexFile;

/// Raised whenever the same inputs would give another bundle.
const BUILDER_VERSION: u32 = 9;

/// Why a bundle could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A file or folder.
    #[error("`{}`: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program that is needed did not do its work.
    #[error("`{program}` failed: {reason}")]
    Program {
        /// The program and what it was to do.
        program: String,
        /// Its words.
        reason: String,
    },
    /// The tree lacks something that every bundle needs.
    #[error("the TeX Live tree lacks {0}")]
    Lacks(String),
    /// A download is not the file that the recipe names.
    #[error("{what} has SHA-256 {found}, the recipe wants {expected}")]
    WrongHash {
        /// The release.
        what: String,
        /// The hash in the recipe.
        expected: String,
        /// The hash it has.
        found: String,
    },
    /// An archive that is not one of ours.
    #[error("the archive is refused: {0}")]
    BadArchive(String),
}

pub(crate) fn io_at(path: &Path) -> impl FnOnce(io::Error) -> BuildError + '_ {
    move |source| BuildError::Io { path: path.to_owned(), source }
}

/// Where TeX files come from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// Debian packages, downloaded and unpacked without being installed.
    Debian,
    /// An installed TeX Live (the folder that holds `texmf-dist` and `tlpkg`).
    TexLive(PathBuf),
}

/// What to build and where.
#[derive(Clone, Debug)]
pub struct BuildPlan {
    /// The recipe.
    pub recipe: Recipe,
    /// Where files come from.
    pub origin: Origin,
    /// The cache folder (downloads, unpacked packages, `bundles/`).
    pub cache: PathBuf,
    /// The worker program that makes the format.
    pub worker: PathBuf,
}

/// Build the bundle, or return the one that was built from the same inputs before.
pub fn ensure(plan: &BuildPlan, progress: &mut dyn FnMut(&str)) -> Result<PathBuf, BuildError> {
    let serial = format_serial(&plan.worker)?;
    let packages = match &plan.origin {
        Origin::Debian => debian::candidates(&plan.recipe, progress)?,
        Origin::TexLive(root) => tree::collections(root, &plan.recipe)?,
    };
    let inputs = input_key(&plan.recipe, &packages, serial);
    let bundles = plan.cache.join("bundles");
    let place = Place::hold(&bundles)?;
    if let Some(existing) = existing(&bundles, &inputs) {
        return Ok(existing);
    }
    build(plan, &packages, &inputs, serial, &place, progress)
}

/// A package and its version.
pub(crate) type Versions = BTreeMap<String, String>;

fn input_key(recipe: &Recipe, packages: &Versions, serial: u32) -> String {
    let mut key = Hasher::default();
    key.field(&BUILDER_VERSION.to_le_bytes());
    key.field(&serial.to_le_bytes());
    key.field(format!("{recipe:?}").as_bytes());
    for (name, version) in packages {
        key.field(name.as_bytes());
        key.field(version.as_bytes());
    }
    key.finish().to_string()
}

fn existing(bundles: &Path, inputs: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(bundles).ok()?.flatten().map(|entry| entry.path());
    entries.into_iter().find(|dir| {
        crate::BundleDir::open(dir).is_ok_and(|bundle| {
            bundle.manifest().inputs == inputs && bundle.format_path().is_file()
        })
    })
}

fn build(
    plan: &BuildPlan,
    packages: &Versions,
    inputs: &str,
    serial: u32,
    place: &Place,
    progress: &mut dyn FnMut(&str),
) -> Result<PathBuf, BuildError> {
    let unpacked = match &plan.origin {
        Origin::Debian => debian::unpack(packages, &plan.recipe, &plan.cache, progress)?,
        Origin::TexLive(root) => tree::installed(root, &plan.recipe)?,
    };
    progress("collecting files");
    let mut files = tree::collect(&plan.recipe, &unpacked)?;
    let supplements = supplement::add(&plan.recipe, &plan.cache, &mut files, progress)?;
    let generated = generate(&files, &unpacked)?;
    for (name, bytes) in generated {
        files.insert(name, TexFile::generated(bytes));
    }
    let unfinished = place.begin()?;
    let partial = unfinished.path();
    progress("writing the pack");
    let (digest, bytes, counts) = write_pack(&files, partial)?;
    let fonts = partial.join(files::FONTS);
    fs::create_dir_all(&fonts).map_err(io_at(&fonts))?;
    write_fonts(&files, &fonts)?;
    progress("making the LaTeX format");
    make_format(&plan.worker, partial)?;
    progress("collecting biber, BibTeX and makeindex");
    let tools = match &plan.origin {
        Origin::Debian => tools::from_debian(&plan.cache, &partial.join("tools"), progress)?,
        Origin::TexLive(root) => tools::from_texlive(root, &partial.join("tools"))?,
    };
    let licences = match &plan.origin {
        Origin::Debian => Licences::of_debian(&unpacked)?,
        Origin::TexLive(root) => tree::licences(root, &plan.recipe)?,
    };
    let packages = package_records(&unpacked, supplements, &counts);
    let packages = write_licences(&licences, &files, packages, partial)?;
    let list = files::list(partial).map_err(io_at(partial))?;
    let path = partial.join(files::LIST);
    fs::write(&path, &list).map_err(io_at(&path))?;
    let manifest = Manifest {
        name: plan.recipe.name.clone(),
        digest: digest.clone(),
        inputs: inputs.to_owned(),
        list: ContentHash::of(list.as_bytes()).to_string(),
        format_serial: serial,
        files: files.len() as u64,
        bytes,
        biblatex: tree::biblatex_version(&files),
        bcf: tree::bcf_version(&files),
        tools,
        packages,
    };
    let path = partial.join("manifest.json");
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    fs::write(&path, text).map_err(io_at(&path))?;
    unfinished.finish(&format!("{}-{}", plan.recipe.name, &digest[..12]))
}

/// Write the table of TeX packages with their licences; the packages they came in get the sum.
fn write_licences(
    licences: &Licences,
    files: &BTreeMap<String, TexFile>,
    mut packages: Vec<PackageRecord>,
    dir: &Path,
) -> Result<Vec<PackageRecord>, BuildError> {
    let sources = packages.iter().map(|p| (p.name.as_str(), p.licence.as_str())).collect();
    let (table, by_source) = licences.table(files, &sources);
    for package in &mut packages {
        if let Some(licences) = by_source.get(&package.name) {
            package.licence = licences.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        }
    }
    let path = dir.join(licences::FILE_NAME);
    fs::write(&path, table).map_err(io_at(&path))?;
    Ok(packages)
}

/// The files that an installation makes and no package brings.
fn generate(
    files: &BTreeMap<String, TexFile>,
    unpacked: &[tree::Unpacked],
) -> Result<BTreeMap<String, Vec<u8>>, BuildError> {
    let mut made = BTreeMap::new();
    made.insert("pdftex.map".to_owned(), maps::font_map(files, unpacked)?);
    for name in ["kanjix.map", "ckx.map"] {
        if !files.contains_key(name) {
            made.insert(name.to_owned(), Vec::new());
        }
    }
    let languages = languages::Languages::read(files, unpacked);
    made.insert("language.dat".to_owned(), languages.dat());
    made.insert("language.def".to_owned(), languages.def());
    made.insert("tectonic-format-latex.tex".to_owned(), b"\\input xelatex.ini\n".to_vec());
    made.insert("latex.ltx".to_owned(), tree::latex_kernel(files)?);
    let mut scanner = CommandScanner::new();
    for (name, file) in files {
        let ends = [".sty", ".cls", ".code.tex", ".def", ".ltx"];
        if ends.iter().any(|end| name.ends_with(end)) || name == "plain.tex" {
            scanner.scan(name, &file.read()?);
        }
    }
    made.insert(commands::FILE_NAME.to_owned(), scanner.finish());
    Ok(made)
}

type Counts = BTreeMap<String, u64>;

fn write_pack(
    files: &BTreeMap<String, TexFile>,
    dir: &Path,
) -> Result<(String, u64, Counts), BuildError> {
    let path = dir.join("bundle.pack");
    let out = File::create(&path).map_err(io_at(&path))?;
    let mut writer = PackWriter::new(BufWriter::new(out)).map_err(io_at(&path))?;
    let mut bytes = 0;
    let mut counts = Counts::new();
    for (name, file) in files {
        let data = file.read()?;
        bytes += data.len() as u64;
        *counts.entry(file.package().to_owned()).or_default() += 1;
        writer.add(name, &data).map_err(io_at(&path))?;
    }
    let digest = writer.finish().map_err(io_at(&path))?;
    Ok((digest.to_string(), bytes, counts))
}

fn write_fonts(files: &BTreeMap<String, TexFile>, fonts: &Path) -> Result<(), BuildError> {
    for (name, file) in files {
        if files::is_font_file(name) {
            let path = fonts.join(name);
            fs::write(&path, file.read()?).map_err(io_at(&path))?;
        }
    }
    Ok(())
}

/// Unpack a Debian package into a folder, without what matches `excluded`.
fn extract_deb(deb: &Path, into: &Path, excluded: &[&str]) -> Result<(), BuildError> {
    let script = "set -eo pipefail; deb=$0; into=$1; shift; \
                  dpkg-deb --fsys-tarfile \"$deb\" | tar -x -C \"$into\" --no-same-owner \"$@\"";
    let excluded = excluded.iter().map(|pattern| format!("--exclude={pattern}"));
    run(Command::new("bash").arg("-c").arg(script).arg(deb).arg(into).args(excluded)).map(|_| ())
}

fn run(command: &mut Command) -> Result<Vec<u8>, BuildError> {
    let program = format!("{command:?}");
    let fail = |reason: String| BuildError::Program { program: program.clone(), reason };
    let output = command.output().map_err(|e| fail(e.to_string()))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        let words = String::from_utf8_lossy(&output.stderr);
        let tail: Vec<&str> = words.lines().rev().take(12).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        Err(fail(format!("{}\n{}", output.status, tail.join("\n"))))
    }
}

fn format_serial(worker: &Path) -> Result<u32, BuildError> {
    let text = run(Command::new(worker).arg("format-serial"))?;
    String::from_utf8_lossy(&text).trim().parse().map_err(|_| BuildError::Program {
        program: worker.display().to_string(),
        reason: "it does not tell its format serial".to_owned(),
    })
}

fn make_format(worker: &Path, dir: &Path) -> Result<(), BuildError> {
    run(Command::new(worker).arg("make-format").arg(dir)).map(|_| ())
}

fn package_records(
    unpacked: &[tree::Unpacked],
    supplements: Vec<PackageRecord>,
    counts: &Counts,
) -> Vec<PackageRecord> {
    let records = unpacked.iter().map(|package| PackageRecord {
        name: package.name.clone(),
        version: package.version.clone(),
        licence: package.licence.clone(),
        files: 0,
    });
    let mut records: Vec<PackageRecord> = records.chain(supplements).collect();
    for record in &mut records {
        record.files = counts.get(&record.name).copied().unwrap_or(0);
    }
    records.sort_by(|a, b| a.name.cmp(&b.name));
    records
}
