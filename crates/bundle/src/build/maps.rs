//! `pdftex.map`: which font file stands behind which TFM name. An installation makes it from the maps
//! that packages enable; so do we.

use super::{
    BuildError,
    tree::{TexFile, Unpacked},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs,
};

/// The 35 base fonts with their font files: they must be embedded like all others, and come first.
const ALWAYS: [&str; 1] = ["ps2pk35.map"];

/// Concatenate the enabled maps; the first line for a name counts.
pub(crate) fn font_map(
    files: &BTreeMap<String, TexFile>,
    unpacked: &[Unpacked],
) -> Result<Vec<u8>, BuildError> {
    let mut seen: HashSet<Vec<u8>> = HashSet::new();
    let mut map = Vec::new();
    let enabled = enabled(unpacked);
    let always = ALWAYS.iter().map(|name| (*name).to_owned());
    for name in always.chain(enabled) {
        let Some(file) = files.get(&name) else { continue };
        if !is_dvips_map(file) {
            continue;
        }
        for line in file.read()?.split(|&byte| byte == b'\n') {
            let line = line.trim_ascii();
            if line.is_empty() || b"%*;#".contains(&line[0]) {
                continue;
            }
            if !is_whole(line, files) {
                continue;
            }
            let key = line.split(u8::is_ascii_whitespace).next().unwrap_or_default();
            if seen.insert(key.to_vec()) {
                map.extend_from_slice(line);
                map.push(b'\n');
            }
        }
    }
    if map.is_empty() {
        return Err(BuildError::Lacks("font maps".into()));
    }
    Ok(map)
}

/// Whether the files that a line names are there. Without its file a font cannot be shown: better a
/// message that says so than a page with holes.
fn is_whole(line: &[u8], files: &BTreeMap<String, TexFile>) -> bool {
    let line = String::from_utf8_lossy(line);
    line.split('<').skip(1).all(|named| {
        let named = named.trim_start_matches(['<', '[', ' ']);
        let name = named.split([' ', '\t', '"']).next().unwrap_or_default();
        name.is_empty() || files.contains_key(name)
    })
}

/// Maps in `fonts/map/dvips` and `fonts/map/pdftex` are in the form that xdvipdfmx reads.
fn is_dvips_map(file: &TexFile) -> bool {
    match file {
        TexFile::OnDisk { tree_path, .. } => ["fonts/map/dvips/", "fonts/map/pdftex/"]
            .iter()
            .any(|folder| tree_path.starts_with(folder)),
        TexFile::Generated(_) => false,
    }
}

/// The maps named by `Map` and `MixedMap` lines of updmap configurations.
fn enabled(unpacked: &[Unpacked]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for package in unpacked {
        let mut configs = vec![package.root.join("usr/share/texlive/texmf-dist/web2c/updmap.cfg")];
        configs.extend(package.trees.iter().map(|tree| tree.join("web2c/updmap.cfg")));
        for kind in ["texmf", "texlive"] {
            let folder = package.root.join("var/lib/tex-common/fontmap-cfg").join(kind);
            configs.extend(fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()));
        }
        for config in configs {
            let Ok(text) = fs::read_to_string(config) else { continue };
            let maps = text.lines().filter_map(|line| {
                line.strip_prefix("Map ").or_else(|| line.strip_prefix("MixedMap "))
            });
            names.extend(maps.map(|name| name.trim().to_owned()));
        }
    }
    names
}
