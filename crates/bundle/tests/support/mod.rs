//! A small TeX Live as an installer would leave it, and a stand-in for the worker: the real one needs
//! all of LaTeX to make a format.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]
#![allow(dead_code, reason = "every test program uses its part")]

use quire_bundle::{
    BundleDir, Recipe,
    build::{self, BuildPlan, Origin},
};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

const DATABASE: &str = "\
name 00texlive.config
revision 70000

name collection-basic
category Collection
revision 1
depend cm-fonts
depend hyphen-german
depend hyphen-klingon
depend collection-latex

name cm-fonts
revision 2
catalogue-license knuth
runfiles size=1
 texmf-dist/fonts/map/dvips/cm/cm.map
 texmf-dist/fonts/type1/public/cm/cmr10.pfb
 texmf-dist/fonts/opentype/public/cm/cm.otf
docfiles size=1
 texmf-dist/doc/fonts/cm/cm.pdf

name hyphen-german
revision 3
execute AddHyphen name=german synonyms=deutsch lefthyphenmin=2 righthyphenmin=2 file=loadhyph-de.tex
runfiles size=1
 texmf-dist/tex/generic/hyph-utf8/loadhyph-de.tex

name hyphen-klingon
revision 3
execute AddHyphen name=klingon file=loadhyph-tlh.tex

name collection-latex
category Collection
revision 4
depend latex

name latex
revision 5
catalogue-license lppl1.3c
runfiles size=1
 texmf-dist/tex/latex/base/latex.ltx
 texmf-dist/tex/latex/base/article.cls
";

const FILES: [(&str, &str); 8] = [
    ("web2c/updmap.cfg", "# maps\nMixedMap cm.map\n#! Map old.map\nMap absent.map\n"),
    (
        "fonts/map/dvips/cm/cm.map",
        "% comment\ncmr10 CMR10 <cmr10.pfb\ncmr99 CMR99 <cmr99.pfb\ncmr10 Twice <cmr10.pfb\n",
    ),
    ("fonts/type1/public/cm/cmr10.pfb", "glyphs"),
    ("fonts/opentype/public/cm/cm.otf", "OTTO"),
    ("tex/generic/hyph-utf8/loadhyph-de.tex", "patterns"),
    (
        "tex/latex/base/latex.ltx",
        "\\gdef\\@missingfileerror#1#2{%\n  \\typeout{Enter file name}%\n}\n\\dump\n",
    ),
    ("tex/latex/base/article.cls", "\\newcommand\\chapterless{}"),
    ("tex/latex/stray/stray.sty", "in no package"),
];

pub(crate) const RECIPE: &str = "name='tiny'\ndescription='d'\n[[source]]\npackage='texlive-base'\n\
                          [[source]]\npackage='texlive-latex-base'\n";

/// A TeX Live in `root`, with biber among its programs.
pub(crate) fn tex_live(root: &Path) {
    for (path, contents) in FILES {
        write(&root.join("texmf-dist").join(path), contents);
    }
    write(&root.join("tlpkg/texlive.tlpdb"), DATABASE);
    program(&root.join("bin/x86_64-linux/biber"), "#!/bin/sh\necho biber\n");
}

/// Build the tiny bundle from the TeX Live in `root`, into the cache `cache`.
pub(crate) fn build(root: &Path, cache: &Path) -> PathBuf {
    let worker = root.join("fake-worker");
    program(
        &worker,
        "#!/bin/sh\nif [ $1 = format-serial ]; then echo 33; else echo format >$2/latex.fmt; fi\n",
    );
    let plan = BuildPlan {
        recipe: Recipe::parse(RECIPE).unwrap(),
        origin: Origin::TexLive(root.to_owned()),
        cache: cache.to_owned(),
        worker,
    };
    build::ensure(&plan, &mut |_| {}).unwrap()
}

/// The tiny bundle in a temporary folder.
pub(crate) fn tiny() -> (tempfile::TempDir, BundleDir) {
    let dir = tempfile::tempdir().unwrap();
    tex_live(&dir.path().join("texlive"));
    let bundle = build(&dir.path().join("texlive"), &dir.path().join("cache"));
    (dir, BundleDir::open(&bundle).unwrap())
}

pub(crate) fn write(path: &Path, contents: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, contents).unwrap();
}

fn program(path: &Path, script: &str) {
    write(path, script);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
