//! Debian packages as a source: downloaded and unpacked into the cache, never installed. Nothing of
//! the machine's own TeX Live is used.

use super::{
    BuildError, Versions, io_at, run,
    tree::{Unpacked, unpack_deb},
};
use crate::Recipe;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The packages of a recipe with the version that the package lists offer now.
pub(crate) fn candidates(
    recipe: &Recipe,
    progress: &mut dyn FnMut(&str),
) -> Result<Versions, BuildError> {
    let mut names: BTreeSet<&str> = recipe.source.iter().map(|s| s.package.as_str()).collect();
    names.extend(recipe.linked.iter().map(String::as_str));
    names.extend(super::tools::ROOT_PACKAGES);
    let names: Vec<&str> = names.into_iter().collect();
    match versions(&names) {
        Ok(found) => Ok(found),
        Err(_) => {
            progress("fetching package lists");
            run(Command::new("apt-get").args(["-qq", "update"]))?;
            versions(&names)
        }
    }
}

/// The version of each package that would be downloaded.
pub(crate) fn versions(names: &[&str]) -> Result<Versions, BuildError> {
    let text = run(Command::new("apt-cache").args(["show", "--no-all-versions"]).args(names))?;
    let text = String::from_utf8_lossy(&text);
    let mut found = Versions::new();
    for paragraph in text.split("\n\n") {
        let field = |key: &str| {
            paragraph.lines().find_map(|line| line.strip_prefix(key)).map(|v| v.trim().to_owned())
        };
        if let (Some(name), Some(version)) = (field("Package:"), field("Version:")) {
            found.insert(name, version);
        }
    }
    match names.iter().find(|name| !found.contains_key(**name)) {
        Some(missing) => Err(BuildError::Lacks(format!("the package {missing}"))),
        None => Ok(found),
    }
}

/// Download what is not there yet; returns the files.
pub(crate) fn download(packages: &Versions, cache: &Path) -> Result<Vec<PathBuf>, BuildError> {
    let debs = cache.join("debs");
    fs::create_dir_all(&debs).map_err(io_at(&debs))?;
    let missing: Vec<String> = packages
        .iter()
        .filter(|(name, version)| find_deb(&debs, name, version).is_none())
        .map(|(name, version)| format!("{name}={version}"))
        .collect();
    if !missing.is_empty() {
        run(Command::new("apt-get").arg("-qq").arg("download").args(&missing).current_dir(&debs))?;
    }
    let all = packages.iter().map(|(name, version)| {
        find_deb(&debs, name, version).ok_or_else(|| {
            BuildError::Lacks(format!("the file of {name} {version} after download"))
        })
    });
    all.collect()
}

fn find_deb(debs: &Path, name: &str, version: &str) -> Option<PathBuf> {
    let start = format!("{name}_{}_", version.replace(':', "%3a"));
    let entries = fs::read_dir(debs).ok()?.flatten();
    entries.map(|entry| entry.path()).find(|path| {
        path.file_name()
            .and_then(|n| n.to_str())
            .is_some_and(|n| n.starts_with(&start) && n.ends_with(".deb"))
    })
}

/// Download and unpack all packages of a recipe.
pub(crate) fn unpack(
    packages: &Versions,
    recipe: &Recipe,
    cache: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Unpacked>, BuildError> {
    progress("downloading packages");
    download(packages, cache)?;
    let debs = cache.join("debs");
    let folder = cache.join("unpacked");
    fs::create_dir_all(&folder).map_err(io_at(&folder))?;
    let mut unpacked = Vec::new();
    let wanted = |name: &str| {
        recipe.source.iter().any(|s| s.package == name) || recipe.linked.iter().any(|l| l == name)
    };
    for (name, version) in packages.iter().filter(|(name, _)| wanted(name)) {
        let root = folder.join(format!("{name}_{}", version.replace([':', '/'], "%")));
        if !root.is_dir() {
            progress(&format!("unpacking {name}"));
            let deb = find_deb(&debs, name, version)
                .ok_or_else(|| BuildError::Lacks(format!("the file of {name}")))?;
            unpack_deb(&deb, &root)?;
        }
        let trees = ["usr/share/texmf", "usr/share/texlive/texmf-dist"];
        unpacked.push(Unpacked {
            name: name.clone(),
            version: version.clone(),
            licence: licence(&root, name),
            trees: trees.map(|tree| root.join(tree)).into(),
            hyphenation: hyphenation(&root),
            root,
            files: None,
        });
    }
    Ok(unpacked)
}

/// The settings of hyphenation patterns that a package brings, a file for each of its parts.
fn hyphenation(root: &Path) -> Vec<String> {
    let folder = root.join("var/lib/tex-common/hyphen-cnf/texlive");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    paths.sort();
    let texts = paths.into_iter().filter_map(|path| fs::read_to_string(path).ok());
    texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The licences that a package's copyright file names in machine-readable form.
fn licence(root: &Path, name: &str) -> String {
    let path = root.join("usr/share/doc").join(name).join("copyright");
    let Ok(text) = fs::read(&path) else { return "unknown".to_owned() };
    let text = String::from_utf8_lossy(&text);
    let named: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("License:")).map(str::trim).collect();
    let named: Vec<&str> = named.into_iter().filter(|licence| !licence.is_empty()).collect();
    if !named.is_empty() && text.starts_with("Format:") {
        named.join(", ")
    } else if text.contains("texlive bundle") {
        "various free licences (TeX Live; see each file)".to_owned()
    } else if text.contains("GUST Font License") {
        "GUST Font License (LPPL)".to_owned()
    } else {
        "see the package's copyright file".to_owned()
    }
}
