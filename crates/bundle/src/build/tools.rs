//! Helper programs that belong to a bundle: biber with a Perl of its own, BibTeX and makeindex. They
//! must run on a machine that has neither Perl nor TeX.

use super::{BuildError, debian, extract_deb, io_at, prune::prune, run};
use crate::Tool;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use walkdir::WalkDir;

/// Their packages; what these depend on comes with them.
pub(crate) const ROOT_PACKAGES: [&str; 2] = ["biber", "texlive-binaries"];

/// The C library is the machine's own, and no administration belongs into a tool.
/// The encodings that are left out with their packages are Perl's own in a second copy (the first counts)
/// and rare ones for Chinese and Japanese.
const NOT_NEEDED: [&str; 20] = [
    "libc6",
    "libdebian-installer4",
    "libnewt0.52",
    "libslang2",
    "libtextwrap1",
    "libselinux1",
    "libacl1",
    "libencode-eucjpascii-perl",
    "libencode-eucjpms-perl",
    "libencode-hanextra-perl",
    "libencode-jis2k-perl",
    "libencode-perl",
    "libunicode-collate-perl",
    "libmd0",
    "libpcre2-8-0",
    "libreadline8",
    "libtinfo6",
    "libzstd1",
    "perl-openssl-defaults",
    "libthai-data",
];

/// Build `tools/` from Debian packages.
pub(crate) fn from_debian(
    cache: &Path,
    tools: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<BTreeMap<String, Tool>, BuildError> {
    let closure = closure("biber")?;
    let names: Vec<&str> = closure.iter().map(String::as_str).collect();
    let mut versions = debian::versions(&names)?;
    progress("downloading biber's modules");
    let home = tools.join("biber");
    unpack_into(&debian::download(&versions, cache)?, &home.join("root"))?;
    prune(&home.join("root"))?;
    let biber = Tool {
        version: upstream_version(versions.get("biber")),
        program: "root/usr/bin/perl".to_owned(),
        scripts: vec!["root/usr/bin/biber".to_owned()],
        path_variables: BTreeMap::from([
            ("PERL5LIB".to_owned(), folders(&home, is_perl_library)),
            ("LD_LIBRARY_PATH".to_owned(), folders(&home, is_library)),
        ]),
    };
    versions = debian::versions(&["texlive-binaries", "libkpathsea6"])?;
    let scratch = tools.join("scratch");
    unpack_into(&debian::download(&versions, cache)?, &scratch)?;
    let mut found = BTreeMap::from([("biber".to_owned(), biber)]);
    // Debian's `bibtex` is a link that an installation makes.
    for (name, program) in [("makeindex", "makeindex"), ("bibtex", "bibtex.original")] {
        let home = tools.join(name);
        fs::create_dir_all(&home).map_err(io_at(&home))?;
        copy_named(&scratch, &home, &|file: &str| {
            file == program || file.starts_with("libkpathsea.so.6")
        })?;
        let library = ("LD_LIBRARY_PATH".to_owned(), vec![".".to_owned()]);
        let tool = Tool {
            version: upstream_version(versions.get("texlive-binaries")),
            program: program.to_owned(),
            scripts: Vec::new(),
            path_variables: BTreeMap::from([library]),
        };
        found.insert(name.to_owned(), tool);
    }
    fs::remove_dir_all(&scratch).map_err(io_at(&scratch))?;
    Ok(found)
}

/// Take the programs of an installed TeX Live.
pub(crate) fn from_texlive(
    root: &Path,
    tools: &Path,
) -> Result<BTreeMap<String, Tool>, BuildError> {
    let mut found = BTreeMap::new();
    for name in ["biber", "bibtex", "makeindex"] {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        let platforms = fs::read_dir(root.join("bin")).into_iter().flatten().flatten();
        let program = platforms.map(|dir| dir.path().join(&file)).find(|path| path.is_file());
        let Some(program) = program else { continue };
        let home = tools.join(name);
        fs::create_dir_all(&home).map_err(io_at(&home))?;
        fs::copy(&program, home.join(&file)).map_err(io_at(&program))?;
        let tool = Tool {
            version: "of the TeX Live it came from".to_owned(),
            program: file,
            scripts: Vec::new(),
            path_variables: BTreeMap::new(),
        };
        found.insert(name.to_owned(), tool);
    }
    Ok(found)
}

/// A package and all it depends on that a tool needs.
fn closure(package: &str) -> Result<Vec<String>, BuildError> {
    let text = run(Command::new("apt-cache").arg("depends").arg("--recurse").args([
        "--no-recommends",
        "--no-suggests",
        "--no-conflicts",
        "--no-breaks",
        "--no-replaces",
        "--no-enhances",
        package,
    ]))?;
    let text = String::from_utf8_lossy(&text);
    let mut names: Vec<String> = text
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        .map(|line| line.trim().to_owned())
        .filter(|name| {
            let starts = ["lib", "perl", "zlib1g"].iter().any(|start| name.starts_with(start));
            (name == package || starts)
                && !NOT_NEEDED.contains(&name.as_str())
                && !name.contains(':')
        })
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}

fn unpack_into(debs: &[PathBuf], root: &Path) -> Result<(), BuildError> {
    const EXCLUDED: [&str; 6] = [
        "./usr/share/man/*",
        "./usr/share/doc/*",
        "./usr/share/lintian/*",
        "./usr/share/locale/*",
        "./usr/share/texlive/*",
        "*.pod",
    ];
    fs::create_dir_all(root).map_err(io_at(root))?;
    for deb in debs {
        extract_deb(deb, root, &EXCLUDED)?;
    }
    Ok(())
}

fn is_perl_library(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let parent = folder.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    let versioned = name.starts_with("5.") && matches!(parent, Some("perl" | "perl5"));
    versioned || (name == "perl5" && parent == Some("share")) || name == "perl-base"
}

fn is_library(folder: &Path) -> bool {
    let parent = folder.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    let of_platform = parent == Some("lib") && folder.to_string_lossy().ends_with("-linux-gnu");
    // `libbtparse` lies in `usr/lib` itself.
    of_platform || folder.ends_with("root/usr/lib")
}

/// The folders below a tool's home that a predicate picks, as relative paths, sorted.
fn folders(home: &Path, wanted: fn(&Path) -> bool) -> Vec<String> {
    let mut found: Vec<String> = WalkDir::new(home)
        .max_depth(6)
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_dir() && wanted(entry.path()))
        .filter_map(|entry| Some(entry.path().strip_prefix(home).ok()?.to_str()?.to_owned()))
        .collect();
    // `perl-base` is a subset of the rest and comes last.
    found.sort_by_key(|path| (path.ends_with("perl-base"), path.clone()));
    found
}

fn copy_named(from: &Path, to: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<(), BuildError> {
    for entry in WalkDir::new(from).into_iter().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if wanted(&name) && entry.path().is_file() {
            // Follows the link `libkpathsea.so.6` to its file.
            fs::copy(entry.path(), to.join(&name)).map_err(io_at(entry.path()))?;
        }
    }
    Ok(())
}

/// `2.18-1` and `2:1.3-21` are releases `2.18` and `1.3` of the program itself.
fn upstream_version(debian: Option<&String>) -> String {
    let version = debian.map_or("unknown", String::as_str);
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    version.rsplit_once('-').map_or(version, |(upstream, _)| upstream).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_with_shared_libraries_is_searched() {
        let home = tempfile::tempdir().unwrap();
        for folder in ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/perl", "usr/share/perl5"] {
            fs::create_dir_all(home.path().join("root").join(folder)).unwrap();
        }
        let expected =
            ["root/lib/x86_64-linux-gnu", "root/usr/lib", "root/usr/lib/x86_64-linux-gnu"];
        assert_eq!(folders(home.path(), is_library), expected);
    }
}
