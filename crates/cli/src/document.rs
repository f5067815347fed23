//! From the command line to a build request: project folder, root file, bundle, worker.

use crate::{
    args::{DocumentArgs, Engine, LocationArgs, OutputArgs},
    errors::Failure,
    progress, texlive,
};
use quire_bundle::find_bundle;
use quire_compile::{
    build::{BuildDate, BuildOptions, BuildRequest, EngineChoice, OutputPlace, TexLive},
    cache::default_builds_folder,
    disk::DiskFolder,
    project_folder::{Asked, ProjectLocation, Surroundings, locate},
    roots::{RootChoice, root_for_file, root_in_folder, suggested_program},
};
use quire_project::{FileSource, ProjectPath};
use quire_tex_engine::{Limits, find_worker};
use std::{
    io::{self, BufRead, IsTerminal, Write},
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A document on disk.
pub(crate) struct Document {
    /// The project folder, absolute.
    pub(crate) folder: PathBuf,
    /// The root file.
    pub(crate) root: ProjectPath,
    /// Found when the first build needs it, and kept for those that follow.
    tex_live: OnceLock<TexLive>,
}

impl Document {
    /// The project and the root that the author means. Asks on a terminal when there are several.
    pub(crate) fn find(args: &LocationArgs, quiet: bool) -> Result<Self, Failure> {
        let location = locate(&args.target, args.project.as_deref(), &surroundings())?;
        let files = DiskFolder::open(&location.folder)?;
        let root = match &args.root {
            Some(root) => named_root(&files, root)?,
            None => chosen_root(&files, &location, quiet)?,
        };
        Ok(Self { folder: location.folder, root, tex_live: OnceLock::new() })
    }

    /// What an engine of TeX Live needs; nothing for the one that is built in.
    fn tex_live(
        &self,
        engine: EngineChoice,
        args: &DocumentArgs,
    ) -> Result<Option<TexLive>, Failure> {
        if let Some(known) = self.tex_live.get() {
            return Ok(Some(known.clone()));
        }
        let found = texlive::of(engine, args)?;
        Ok(found.map(|found| self.tex_live.get_or_init(|| found).clone()))
    }

    /// Remove the containers of its builds, and wait until they are gone.
    pub(crate) fn end(&self) {
        if let Some(tex_live) = self.tex_live.get() {
            tex_live.place.end();
        }
    }

    /// The folder of the root file.
    pub(crate) fn root_folder(&self) -> PathBuf {
        self.folder.join(self.root.folder())
    }
}

fn surroundings() -> Surroundings {
    let home = std::env::var_os(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
    Surroundings { home: home.map(PathBuf::from), temporary: Some(std::env::temp_dir()) }
}

fn named_root(files: &DiskFolder, root: &str) -> Result<ProjectPath, Failure> {
    let path = ProjectPath::new(root).map_err(|e| Failure::new(format!("--root: {e}")))?;
    match files.read(&path) {
        Ok(Some(_)) => Ok(path),
        Ok(None) => Err(Failure::new(format!("--root: there is no file `{path}` in the project"))),
        Err(e) => Err(Failure::new(format!("--root: {e}"))),
    }
}

fn chosen_root(
    files: &DiskFolder,
    location: &ProjectLocation,
    quiet: bool,
) -> Result<ProjectPath, Failure> {
    let choice = match &location.asked {
        Asked::File(file) => root_for_file(files, file),
        Asked::Folder(folder) => root_in_folder(files, folder),
    };
    match choice {
        RootChoice::One { root, why } => {
            if !why.is_empty() && !quiet {
                progress::note(&format!("building `{root}`: {why}"));
            }
            Ok(root)
        }
        RootChoice::Several { candidates, picked, why } => {
            if io::stdin().is_terminal() && io::stderr().is_terminal() {
                return ask(&candidates);
            }
            if !quiet {
                let others: Vec<String> =
                    candidates.iter().filter(|c| **c != picked).map(|c| format!("`{c}`")).collect();
                progress::note(&format!(
                    "building `{picked}`: {why}. Choose another with --root: {}",
                    others.join(", ")
                ));
            }
            Ok(picked)
        }
        RootChoice::None { why } => {
            let failure = Failure::new(format!("nothing to build: {why}"));
            Err(match location.asked {
                Asked::Folder(_) => failure
                    .advise("name the file to build, or begin one with \\documentclass{article}"),
                Asked::File(_) => failure,
            })
        }
    }
}

fn ask(candidates: &[ProjectPath]) -> Result<ProjectPath, Failure> {
    let mut err = io::stderr();
    for (i, candidate) in candidates.iter().enumerate() {
        let _ = writeln!(err, "  {}) {candidate}", i + 1);
    }
    let _ = write!(err, "Which one? [1] ");
    let _ = err.flush();
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|e| Failure::new(format!("cannot read the answer: {e}")))?;
    let number = if line.trim().is_empty() { Ok(1) } else { line.trim().parse::<usize>() };
    number
        .ok()
        .and_then(|number| candidates.get(number.checked_sub(1)?))
        .cloned()
        .ok_or_else(|| Failure::new(format!("`{}` is none of the numbers", line.trim())))
}

/// What to build and where to write it.
pub(crate) fn request(
    document: &Document,
    args: &DocumentArgs,
    output: Option<OutputPlace>,
    synctex: bool,
) -> Result<BuildRequest, Failure> {
    let files = DiskFolder::open(&document.folder)?;
    let engine = engine(args.engine);
    if engine == EngineChoice::Tectonic
        && !args.quiet
        && let Some(program) = suggested_program(&files, &document.root)
        && ["pdflatex", "lualatex", "pdftex", "luatex"].contains(&program.name.as_str())
    {
        let program = program.name;
        progress::note(&format!(
            "`{}` asks for {program}; the built-in engine is XeTeX, and what needs {program} will \
             be named. TeX Live has it: --engine {}",
            document.root,
            if program.starts_with("lua") { "lualatex" } else { "pdflatex" }
        ));
    }
    Ok(BuildRequest {
        files: Arc::new(files),
        project: document.folder.to_string_lossy().into_owned(),
        root: document.root.clone(),
        engine,
        options: BuildOptions { draft: args.draft, stop_on_first_error: args.stop_on_first_error },
        tex_live: document.tex_live(engine, args)?,
        worker: find_worker()?,
        bundle: find_bundle(args.bundle.bundle.as_deref())?,
        limits: Limits {
            wall: args.timeout,
            memory_bytes: args.memory,
            output_bytes: args.max_output.unwrap_or(Limits::default().output_bytes),
        },
        date: date()?,
        synctex,
        xdv: false,
        max_passes: BuildRequest::DEFAULT_MAX_PASSES,
        output,
        builds_cache: default_builds_folder(),
    })
}

/// Where the outputs of `build` go.
pub(crate) fn output_place(document: &Document, args: &OutputArgs) -> Result<OutputPlace, Failure> {
    match &args.out {
        Some(folder) => {
            let folder =
                std::path::absolute(folder).map_err(|e| Failure::new(format!("--out: {e}")))?;
            if folder.exists() && !folder.is_dir() {
                let what = format!("--out: `{}` is a file, not a folder", folder.display());
                return Err(Failure::new(what));
            }
            Ok(OutputPlace { folder, create: true })
        }
        None => Ok(OutputPlace { folder: document.root_folder(), create: false }),
    }
}

fn engine(engine: Engine) -> EngineChoice {
    match engine {
        Engine::Tectonic => EngineChoice::Tectonic,
        Engine::Pdflatex => EngineChoice::PdfLatex,
        Engine::Lualatex => EngineChoice::LuaLatex,
        Engine::Xelatex => EngineChoice::XeLatex,
    }
}

fn date() -> Result<BuildDate, Failure> {
    match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => text.parse().map(BuildDate::Fixed).map_err(|_| {
            Failure::new(format!("SOURCE_DATE_EPOCH is `{text}`, not a number of seconds"))
        }),
        Err(_) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
            Ok(BuildDate::Now(now.as_secs()))
        }
    }
}
