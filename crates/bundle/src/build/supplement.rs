//! What TeX Live lacks: fonts from npm packages, pinned by version and hash, and style files of our own.

use super::{BuildError, icons, io_at, run, tree::TexFile};
use crate::{NpmPackage, PackageRecord, Recipe, Supplement};
use quire_project::ContentHash;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Add the recipe's supplements to the files; returns the packages they came from. A supplement of
/// which the tree has a file is left out whole: the tree's own package is the real one.
pub(crate) fn add(
    recipe: &Recipe,
    cache: &Path,
    files: &mut BTreeMap<String, TexFile>,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<PackageRecord>, BuildError> {
    let mut records = Vec::new();
    for supplement in &recipe.supplements {
        progress(&format!("adding {}", supplement.name));
        let unpacked = supplement.npm.as_ref().map(|npm| Ok((npm, unpack(npm, cache)?)));
        let unpacked: Option<(&NpmPackage, PathBuf)> = unpacked.transpose()?;
        let added = read(supplement, unpacked.as_ref())?;
        if added.keys().any(|name| files.contains_key(name)) {
            continue;
        }
        files.extend(added);
        let (name, version, licence) = match &supplement.npm {
            Some(npm) => (npm.package.clone(), npm.version.clone(), npm.licence.clone()),
            None => (supplement.name.clone(), "1".to_owned(), supplement.licence.clone()),
        };
        records.push(PackageRecord { name, version, licence, files: 0 });
    }
    Ok(records)
}

/// A supplement's files by name, its own and those of the unpacked package.
fn read(
    supplement: &Supplement,
    unpacked: Option<&(&NpmPackage, PathBuf)>,
) -> Result<BTreeMap<String, TexFile>, BuildError> {
    let mut files = BTreeMap::new();
    let wanted =
        unpacked.iter().flat_map(|(npm, root)| npm.take.iter().map(move |w| (npm, root, w)));
    for (npm, root, wanted) in wanted {
        for path in taken(root, wanted)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let package = npm.package.clone();
            let tree_path = format!("supplement/{}/{name}", supplement.name);
            files.insert(name, TexFile::OnDisk { path, tree_path, package });
        }
    }
    if let (Some(icons), Some((_, root))) = (&supplement.icons, unpacked) {
        let path = root.join(icons);
        let table = icons::table(&fs::read(&path).map_err(io_at(&path))?).map_err(|e| {
            BuildError::Lacks(format!("names of icons in `{}` ({e})", path.display()))
        })?;
        files.insert(format!("{}-icons.def", supplement.name), TexFile::generated(table));
    }
    for (name, text) in &supplement.files {
        files.insert(name.clone(), TexFile::generated(text.clone().into_bytes()));
    }
    Ok(files)
}

/// A file, or all files of a folder when the name ends with `/`.
fn taken(root: &Path, wanted: &str) -> Result<Vec<PathBuf>, BuildError> {
    let path = root.join(wanted);
    if !wanted.ends_with('/') {
        return Ok(vec![path]);
    }
    let entries = fs::read_dir(&path).map_err(io_at(&path))?.flatten().map(|entry| entry.path());
    Ok(entries.filter(|path| path.is_file()).collect())
}

/// The folder with the package's files: fetched by npm itself, checked, unpacked once.
fn unpack(npm: &NpmPackage, cache: &Path) -> Result<PathBuf, BuildError> {
    let folder = cache.join("npm");
    let plain: String =
        npm.package.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    // The hash is in the name: a recipe with another hash unpacks again.
    let hash = npm.sha256.get(..12).unwrap_or(&npm.sha256);
    let name = format!("{}-{}-{hash}", plain.trim_matches('-'), npm.version);
    let root = folder.join(&name);
    if root.is_dir() {
        return Ok(root.join("package"));
    }
    let partial = folder.join(format!(".partial-{name}"));
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(io_at(&partial))?;
    }
    fs::create_dir_all(&partial).map_err(io_at(&partial))?;
    let archive = fetch(npm, &partial)?;
    run(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&partial))?;
    fs::remove_file(&archive).map_err(io_at(&archive))?;
    fs::rename(&partial, &root).map_err(io_at(&root))?;
    Ok(root.join("package"))
}

fn fetch(npm: &NpmPackage, into: &Path) -> Result<PathBuf, BuildError> {
    let release = format!("{}@{}", npm.package, npm.version);
    run(Command::new("npm").args(["pack", "--silent", &release]).current_dir(into))?;
    let mut entries = fs::read_dir(into).map_err(io_at(into))?.flatten().map(|e| e.path());
    let archive = entries
        .find(|path| path.extension().is_some_and(|end| end == "tgz"))
        .ok_or_else(|| BuildError::Lacks(format!("the archive of {release} after `npm pack`")))?;
    let found = ContentHash::of(&fs::read(&archive).map_err(io_at(&archive))?).to_string();
    if found == npm.sha256 {
        Ok(archive)
    } else {
        Err(BuildError::WrongHash { what: release, expected: npm.sha256.clone(), found })
    }
}
