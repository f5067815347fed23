//! An installed bundle: a folder with the pack, the manifest, the format, fonts and tools.

use crate::{Damage, Manifest, Pack, PackError, files};
use quire_project::ContentHash;
use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

/// Why a bundle cannot be used. The texts say what to do.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// There is none.
    #[error("no TeX bundle found ({looked_in}); run `cargo xtask bundle` or set QUIRE_BUNDLE")]
    NotFound {
        /// Where it was looked for.
        looked_in: String,
    },
    /// A part of it cannot be read.
    #[error("the TeX bundle `{}` cannot be read: {source}; reinstall it", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The manifest is not what we wrote.
    #[error("the manifest `{}` is damaged: {reason}; reinstall the bundle", path.display())]
    BadManifest {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The pack is damaged.
    #[error("the TeX bundle `{}` is damaged: {source}; reinstall it", path.display())]
    Pack {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: PackError,
    },
    /// A file beside the pack is damaged.
    #[error(
        "`{}` of the TeX bundle {damage}; install the bundle's archive again, or delete its folder and \
         build it again",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        damage: Damage,
    },
    /// The format belongs to another engine.
    #[error(
        "the bundle's LaTeX format is for engine format {found}, this engine needs {expected}: \
         build or install the bundle again"
    )]
    WrongFormat {
        /// What the engine needs.
        expected: u32,
        /// What the manifest says.
        found: u32,
    },
    /// No such helper program.
    #[error("the TeX bundle has no {0}; install a bundle built with its tools")]
    NoTool(String),
}

/// A bundle folder whose manifest has been read.
#[derive(Clone, Debug)]
pub struct BundleDir {
    path: PathBuf,
    manifest: Manifest,
}

/// How to start a helper program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCommand {
    /// The program.
    pub program: PathBuf,
    /// Its first arguments.
    pub args: Vec<OsString>,
    /// Its environment.
    pub env: Vec<(OsString, OsString)>,
    /// Folders it reads and executes from.
    pub read_only: Vec<PathBuf>,
    /// Its version.
    pub version: String,
}

impl BundleDir {
    /// Read the manifest of the bundle in `path`.
    pub fn open(path: &Path) -> Result<Self, BundleError> {
        let file = path.join("manifest.json");
        let io = |source| BundleError::Io { path: file.clone(), source };
        let text = fs::read(&file).map_err(io)?;
        let manifest = serde_json::from_slice(&text)
            .map_err(|e| BundleError::BadManifest { path: file.clone(), reason: e.to_string() })?;
        let path = path.canonicalize().map_err(io)?;
        Ok(Self { path, manifest })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is in it.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The pack.
    pub fn pack_path(&self) -> PathBuf {
        self.path.join("bundle.pack")
    }

    /// The LaTeX format.
    pub fn format_path(&self) -> PathBuf {
        self.path.join("latex.fmt")
    }

    /// Fonts as plain files.
    pub fn fonts_path(&self) -> PathBuf {
        self.path.join(files::FONTS)
    }

    /// Check that the format is one that the engine can load.
    pub fn check_format_serial(&self, expected: u32) -> Result<(), BundleError> {
        let found = self.manifest.format_serial;
        if found == expected { Ok(()) } else { Err(BundleError::WrongFormat { expected, found }) }
    }

    /// Check every byte: the pack against its hashes and the manifest, the format, programs and
    /// whatever else lies beside it against their list, the fonts against the pack.
    pub fn verify(&self) -> Result<(), BundleError> {
        let path = self.pack_path();
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| BundleError::Io { path, source }
        };
        let bytes = fs::read(&path).map_err(io(&path))?;
        let checked = Pack::open(bytes).and_then(|pack| pack.verify().map(|()| pack));
        let pack = checked.map_err(|source| BundleError::Pack { path: path.clone(), source })?;
        if pack.digest().to_string() != self.manifest.digest {
            return Err(BundleError::Pack { path, source: PackError::BadDigest });
        }
        let mut found = self.check_list().map_err(io(&self.path))?;
        if found.is_none() {
            let fonts = self.fonts_path();
            found = files::check_fonts(&fonts, &pack).map_err(io(&fonts))?;
        }
        match found {
            Some((path, damage)) => Err(BundleError::Damaged { path, damage }),
            None => Ok(()),
        }
    }

    fn check_list(&self) -> io::Result<Option<files::Finding>> {
        if self.manifest.list.is_empty() {
            return Ok(None);
        }
        let path = self.path.join(files::LIST);
        match fs::read(&path) {
            Ok(list) if ContentHash::of(&list).to_string() == self.manifest.list => {
                files::check(&self.path, &String::from_utf8_lossy(&list))
            }
            Ok(_) => Ok(Some((path, Damage::Changed))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Some((path, Damage::Missing))),
            Err(e) => Err(e),
        }
    }

    /// How to start the helper program `name` (`biber`, `makeindex`).
    pub fn tool(&self, name: &str) -> Result<ToolCommand, BundleError> {
        let tool = self.manifest.tools.get(name);
        let tool = tool.ok_or_else(|| BundleError::NoTool(name.to_owned()))?;
        let home = self.path.join("tools").join(name);
        let env = tool.path_variables.iter().map(|(variable, paths)| {
            let paths: Vec<OsString> =
                paths.iter().map(|path| home.join(path).into_os_string()).collect();
            let separator = if cfg!(windows) { ";" } else { ":" };
            (variable.into(), paths.join(separator.as_ref()))
        });
        Ok(ToolCommand {
            program: home.join(&tool.program),
            args: tool.scripts.iter().map(|path| home.join(path).into_os_string()).collect(),
            env: env.collect(),
            read_only: vec![home],
            version: tool.version.clone(),
        })
    }
}

/// The folder for what can be made again: `QUIRE_CACHE`, `XDG_CACHE_HOME/quire`, `~/.cache/quire`,
/// or the system's place for such things.
pub fn default_cache() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if let Some(dir) = variable("QUIRE_CACHE") {
        return Some(dir);
    }
    if cfg!(windows) {
        return variable("LOCALAPPDATA").map(|dir| dir.join("quire").join("cache"));
    }
    if let Some(dir) = variable("XDG_CACHE_HOME") {
        return Some(dir.join("quire"));
    }
    variable("HOME").map(|home| home.join(".cache").join("quire"))
}

/// Find a bundle: the one given, `QUIRE_BUNDLE`, beside the program, or the newest in the user's
/// cache, `full` before `core`.
pub fn find_bundle(given: Option<&Path>) -> Result<BundleDir, BundleError> {
    if let Some(path) = given {
        return BundleDir::open(path);
    }
    if let Some(path) = std::env::var_os("QUIRE_BUNDLE").filter(|path| !path.is_empty()) {
        return BundleDir::open(Path::new(&path));
    }
    let program = std::env::current_exe().unwrap_or_default();
    let installed = program.parent().map(|dir| dir.join("../share/quire/bundle"));
    if let Some(dir) = installed.filter(|dir| dir.join("manifest.json").is_file()) {
        return BundleDir::open(&dir);
    }
    let Some(cache) = default_cache() else {
        let looked_in = "neither QUIRE_CACHE nor a home folder is set".to_owned();
        return Err(BundleError::NotFound { looked_in });
    };
    let bundles = cache.join("bundles");
    for name in ["full", "core"] {
        if let Some(dir) = newest(&bundles, name) {
            return BundleDir::open(&dir);
        }
    }
    Err(BundleError::NotFound { looked_in: bundles.display().to_string() })
}

fn newest(bundles: &Path, name: &str) -> Option<PathBuf> {
    let prefix = format!("{name}-");
    let named = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(&prefix);
    let entries = fs::read_dir(bundles).ok()?.flatten().filter(named).map(|entry| entry.path());
    entries
        .filter_map(|dir| {
            let time = fs::metadata(dir.join("manifest.json")).ok()?.modified().ok()?;
            Some((time, dir))
        })
        .max()
        .map(|(_, dir)| dir)
}
