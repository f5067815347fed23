//! `quire bundle`: look at, check, build and install TeX bundles.

use crate::{args::BundleCommand, errors::Failure, print_bytes, progress};
use quire_bundle::{
    BundleDir, Recipe,
    build::{self, BuildPlan, Origin},
    default_cache, find_bundle,
};
use quire_tex_engine::find_worker;
use std::{fmt::Write, path::PathBuf, process::ExitCode};

pub(crate) fn run(command: BundleCommand) -> Result<ExitCode, Failure> {
    match command {
        BundleCommand::Info { bundle } => info(&find_bundle(bundle.bundle.as_deref())?),
        BundleCommand::Verify { bundle } => {
            let bundle = find_bundle(bundle.bundle.as_deref())?;
            bundle.verify()?;
            let files = bundle.manifest().files;
            let rest = format!("{files} files of {}", bundle.path().display());
            progress::status(progress::GREEN, "Verified", &rest);
            Ok(ExitCode::SUCCESS)
        }
        BundleCommand::Build { recipe, texlive, archive } => {
            let recipe = Recipe::read(&recipe).map_err(|e| Failure::new(e.to_string()))?;
            let plan = BuildPlan {
                recipe,
                origin: texlive.map_or(Origin::Debian, Origin::TexLive),
                cache: cache()?,
                worker: find_worker()?,
            };
            let built = build::ensure(&plan, &mut |what| {
                progress::status(progress::CYAN, "Bundling", what);
            });
            let dir = built.map_err(|e| {
                Failure::new(e.to_string())
                    .advise("bundles are built from Debian packages (needs apt-get) or --texlive")
            })?;
            progress::status(progress::GREEN, "Built", &dir.display().to_string());
            if let Some(folder) = archive {
                let file =
                    build::pack_archive(&dir, &folder).map_err(|e| Failure::new(e.to_string()))?;
                progress::status(progress::GREEN, "Packed", &file.display().to_string());
            }
            Ok(ExitCode::SUCCESS)
        }
        BundleCommand::Install { archive } => {
            let dir = build::install(&archive, &cache()?.join("bundles"))
                .map_err(|e| Failure::new(e.to_string()).advise("fetch the archive again"))?;
            progress::status(progress::GREEN, "Installed", &dir.display().to_string());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn cache() -> Result<PathBuf, Failure> {
    default_cache()
        .ok_or_else(|| Failure::new("there is no cache folder").advise("set QUIRE_CACHE"))
}

fn info(bundle: &BundleDir) -> Result<ExitCode, Failure> {
    let manifest = bundle.manifest();
    let mut text = String::new();
    let mut row = |key: &str, value: &str| {
        let _ = writeln!(text, "{key:<12} {value}");
    };
    row("bundle", &manifest.name);
    row("folder", &bundle.path().display().to_string());
    row("digest", &manifest.digest);
    row("files", &manifest.files.to_string());
    row("size", &format!("{:.0} MB", manifest.bytes as f64 / 1e6));
    row("format", &format!("serial {}", manifest.format_serial));
    row("biblatex", manifest.biblatex.as_deref().unwrap_or("none"));
    for (name, tool) in &manifest.tools {
        row(name, &tool.version);
    }
    text.push_str("\npackages\n");
    for package in &manifest.packages {
        let _ = writeln!(
            text,
            "  {:<32} {:<22} {:>6} files  {}",
            package.name, package.version, package.files, package.licence
        );
    }
    print_bytes(text.as_bytes())
}
