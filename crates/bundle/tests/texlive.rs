//! Bundles from an installed TeX Live: what goes in, what is made, and that it is the same every time.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod support;

use quire_bundle::{BundleDir, CommandIndex, Pack};
use std::{collections::BTreeMap, fs, path::Path};

fn pack(bundle: &BundleDir) -> Pack<Vec<u8>> {
    Pack::open(fs::read(bundle.pack_path()).unwrap()).unwrap()
}

fn text(bundle: &BundleDir, name: &str) -> String {
    String::from_utf8(pack(bundle).get(name).unwrap().to_vec()).unwrap()
}

#[test]
fn the_packages_of_the_recipe_are_in_the_pack_and_nothing_else() {
    let (_dir, bundle) = support::tiny();
    let pack = pack(&bundle);
    for name in ["article.cls", "cmr10.pfb", "cm.otf", "loadhyph-de.tex", "kanjix.map"] {
        assert!(pack.get(name).is_some(), "{name}");
    }
    for name in ["cm.pdf", "stray.sty", "updmap.cfg"] {
        assert!(pack.get(name).is_none(), "{name}");
    }
    assert!(CommandIndex::of(&pack).providers("chapterless").iter().eq(["article.cls"]));
    assert!(text(&bundle, "latex.ltx").contains("LaTeX Error: File `#1.#2' not found"));
    assert_eq!(fs::read(bundle.fonts_path().join("cm.otf")).unwrap(), b"OTTO");
    assert_eq!(bundle.manifest().format_serial, 33);
    assert!(bundle.tool("biber").unwrap().program.is_file());
    bundle.verify().unwrap();
}

#[test]
fn the_font_map_has_one_line_a_font_and_none_without_its_file() {
    let (_dir, bundle) = support::tiny();
    assert_eq!(text(&bundle, "pdftex.map"), "cmr10 CMR10 <cmr10.pfb\n");
}

#[test]
fn languages_whose_patterns_are_there_go_into_the_format() {
    let (_dir, bundle) = support::tiny();
    let dat = text(&bundle, "language.dat");
    assert!(dat.ends_with("german\tloadhyph-de.tex\n=deutsch\n"), "{dat}");
    assert!(!dat.contains("klingon"));
    let def = text(&bundle, "language.def");
    assert!(def.contains("\\addlanguage{deutsch}{loadhyph-de.tex}{}{2}{2}\n"), "{def}");
}

#[test]
fn every_tex_package_has_its_licence() {
    let (_dir, bundle) = support::tiny();
    let table = fs::read_to_string(bundle.path().join("licences.txt")).unwrap();
    assert_eq!(table, "cm-fonts\tknuth\t3\nhyphen-german\tunstated\t1\nlatex\tlppl1.3c\t1\n");
    let base = &bundle.manifest().packages[0];
    assert_eq!((base.name.as_str(), base.licence.as_str()), ("texlive-base", "knuth, unstated"));
}

/// Every file below a folder, by path.
fn contents(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn the_same_tree_gives_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let texlive = dir.path().join("texlive");
    support::tex_live(&texlive);
    let first = support::build(&texlive, &dir.path().join("one"));
    let second = support::build(&texlive, &dir.path().join("two"));
    assert_eq!(first.file_name(), second.file_name());
    assert_eq!(contents(&first), contents(&second));
    let archives = [&first, &second].map(|bundle| {
        fs::read(quire_bundle::build::pack_archive(bundle, dir.path()).unwrap()).unwrap()
    });
    assert_eq!(archives[0], archives[1]);
}

#[test]
fn another_file_gives_another_digest() {
    let dir = tempfile::tempdir().unwrap();
    let texlive = dir.path().join("texlive");
    support::tex_live(&texlive);
    let first = support::build(&texlive, &dir.path().join("one"));
    support::write(&texlive.join("texmf-dist/tex/latex/base/article.cls"), "changed");
    let second = support::build(&texlive, &dir.path().join("two"));
    assert_ne!(first.file_name(), second.file_name());
}
