//! What a build is asked for.

use super::{BuildError, TexLive};
use crate::cache::Setting;
use quire_bundle::BundleDir;
use quire_project::{FileSource, ProjectPath};
use quire_tex_engine::{Limits, PROTOCOL_VERSION};
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::UNIX_EPOCH,
};

/// Which TeX engine builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineChoice {
    /// The built-in one: XeTeX as published by the Tectonic project.
    Tectonic,
    /// pdfLaTeX of a TeX Live installation.
    PdfLatex,
    /// LuaLaTeX of a TeX Live installation.
    LuaLatex,
    /// XeLaTeX of a TeX Live installation.
    XeLatex,
}

impl EngineChoice {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Tectonic, Self::PdfLatex, Self::LuaLatex, Self::XeLatex];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tectonic => "tectonic",
            Self::PdfLatex => "pdflatex",
            Self::LuaLatex => "lualatex",
            Self::XeLatex => "xelatex",
        }
    }

    /// The one of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|engine| engine.name() == name)
    }

    /// Whether it is one of TeX Live's, which run in a sandbox.
    pub fn is_tex_live(self) -> bool {
        match self {
            Self::Tectonic => false,
            Self::PdfLatex | Self::LuaLatex | Self::XeLatex => true,
        }
    }
}

/// The date that the document sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildDate {
    /// Always this one, in seconds since 1970 (`SOURCE_DATE_EPOCH`).
    Fixed(u64),
    /// The present, in seconds since 1970. A result stays good until the day is over.
    Now(u64),
}

impl BuildDate {
    /// In seconds since 1970.
    pub fn seconds(self) -> u64 {
        match self {
            Self::Fixed(seconds) | Self::Now(seconds) => seconds,
        }
    }

    /// Whether what a run at this time has made is what is asked for.
    pub fn is_met_by(self, seconds: u64) -> bool {
        match self {
            Self::Fixed(wanted) => wanted == seconds,
            Self::Now(now) => now / DAY_S == seconds / DAY_S,
        }
    }
}

const DAY_S: u64 = 24 * 60 * 60;

/// By which another version of a file is told without reading it.
pub(super) fn file_identity(path: &Path) -> String {
    let metadata = std::fs::metadata(path).ok();
    let modified = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
    let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let bytes = metadata.map_or(0, |metadata| metadata.len());
    format!("{bytes}@{}", since.unwrap_or_default().as_nanos())
}

/// Where results are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputPlace {
    /// The folder.
    pub folder: PathBuf,
    /// Make the folder when it is not there.
    pub create: bool,
}

/// How the author wants his builds to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BuildOptions {
    /// Pictures are empty frames of their size.
    pub draft: bool,
    /// TeX stops at the first error, without pages. The built-in engine goes on: its pages are soon there.
    pub stop_on_first_error: bool,
}

/// One build.
#[derive(Clone)]
pub struct BuildRequest {
    /// The project's files, unsaved edits included.
    pub files: Arc<dyn FileSource>,
    /// What tells this project from others in the cache: the real path of its folder.
    pub project: String,
    /// The root file.
    pub root: ProjectPath,
    /// The engine.
    pub engine: EngineChoice,
    /// How it is to go.
    pub options: BuildOptions,
    /// Where TeX Live runs; needed for its engines.
    pub tex_live: Option<TexLive>,
    /// The worker program; see [`quire_tex_engine::find_worker`].
    pub worker: PathBuf,
    /// The bundle.
    pub bundle: BundleDir,
    /// Bounds of the whole build; also of each helper program.
    pub limits: Limits,
    /// The date.
    pub date: BuildDate,
    /// Write SyncTeX records.
    pub synctex: bool,
    /// Put the XDV of the last pass into the result, for those who look at pages without a PDF.
    pub xdv: bool,
    /// Passes at most; see [`DEFAULT_MAX_PASSES`](Self::DEFAULT_MAX_PASSES).
    pub max_passes: u32,
    /// Where PDF and SyncTeX go; `None` to check the document and write nothing.
    pub output: Option<OutputPlace>,
    /// The folder of all build caches; `None` to begin from nothing and keep nothing. See
    /// [`default_builds_folder`](crate::cache::default_builds_folder).
    pub builds_cache: Option<PathBuf>,
}

impl BuildRequest {
    /// Documents with contents, index, glossary and bibliography need four or five; what has not
    /// settled after eight does not.
    pub const DEFAULT_MAX_PASSES: u32 = 8;

    pub(super) fn check_engine(&self) -> Result<(), BuildError> {
        match (&self.tex_live, self.engine.is_tex_live()) {
            (None, true) => Err(BuildError::EngineUnavailable { engine: self.engine }),
            (Some(_), true) | (_, false) => Ok(()),
        }
    }

    /// Where TeX Live runs, in words for people.
    pub(super) fn place_words(&self) -> Option<String> {
        let tex_live = self.tex_live.as_ref().filter(|_| self.engine.is_tex_live())?;
        Some(tex_live.place.words())
    }

    /// `\jobname`: the root's name without extension.
    pub fn job_name(&self) -> &str {
        self.root.stem()
    }

    /// Where the PDF goes.
    pub fn pdf_place(&self) -> Option<PathBuf> {
        let place = self.output.as_ref()?;
        Some(place.folder.join(format!("{}.pdf", self.job_name())))
    }

    /// Where the SyncTeX file goes.
    pub fn synctex_place(&self) -> Option<PathBuf> {
        let place = self.output.as_ref().filter(|_| self.synctex)?;
        Some(place.folder.join(format!("{}.synctex.gz", self.job_name())))
    }

    /// Everything that is written when the build succeeds.
    pub(super) fn places(&self) -> Vec<PathBuf> {
        self.pdf_place().into_iter().chain(self.synctex_place()).collect()
    }

    pub(super) fn setting(&self) -> Setting {
        let version = env!("CARGO_PKG_VERSION");
        Setting {
            program: format!("{version}/{PROTOCOL_VERSION}/{}", file_identity(&self.worker)),
            bundle: match self.tex_live.as_ref().filter(|_| self.engine.is_tex_live()) {
                Some(tex_live) => tex_live.identity(),
                None => format!(
                    "{}/{}",
                    self.bundle.manifest().digest,
                    file_identity(&self.bundle.format_path())
                ),
            },
            job_name: self.job_name().to_owned(),
            options: self.options,
            synctex: self.synctex,
            date: match self.date {
                BuildDate::Fixed(seconds) => (true, seconds),
                BuildDate::Now(seconds) => (false, seconds / DAY_S),
            },
            max_passes: self.max_passes,
            writes: self.output.is_some(),
        }
    }
}
