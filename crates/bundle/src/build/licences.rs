//! Which TeX package a file belongs to and under which licence: one Debian package or TeX Live collection
//! holds hundreds, each with its own.

use super::{
    BuildError, run,
    tree::{TexFile, Unpacked},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write,
    process::Command,
};

/// The table's name in the bundle's folder.
pub(crate) const FILE_NAME: &str = "licences.txt";

/// TeX packages by the folders and files that they own, as paths below `texmf-dist`.
#[derive(Default)]
pub(crate) struct Licences {
    owners: HashMap<String, Owner>,
}

/// A TeX package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Owner {
    pub(crate) name: String,
    pub(crate) licence: String,
}

impl Licences {
    /// From the lists that Debian puts beside its packages of TeX Live.
    pub(crate) fn of_debian(unpacked: &[Unpacked]) -> Result<Self, BuildError> {
        let mut licences = Self::default();
        for package in unpacked {
            let list = package.root.join("usr/share/doc").join(&package.name).join("Licenses.gz");
            if list.is_file() {
                let text = run(Command::new("gzip").arg("-dc").arg(&list))?;
                licences.add_list(&String::from_utf8_lossy(&text));
            }
        }
        Ok(licences)
    }

    /// `name: licence`, then a line for each folder (`…/*`) and file of that package.
    fn add_list(&mut self, list: &str) {
        let mut owner = None;
        for line in list.lines() {
            if let (Some(path), Some(owner)) = (line.strip_prefix("texmf-dist/"), &owner) {
                let path = path.strip_suffix("/*").unwrap_or(path);
                self.add(path, Owner::clone(owner));
            } else if let Some((name, licence)) = line.split_once(": ") {
                owner = Some(Owner { name: name.to_owned(), licence: stated(licence) });
            }
        }
    }

    /// Say who owns a folder or file.
    pub(crate) fn add(&mut self, path: &str, owner: Owner) {
        self.owners.insert(path.to_owned(), owner);
    }

    /// The package that a file of the TeX tree belongs to.
    fn owner(&self, tree_path: &str) -> Option<&Owner> {
        let mut path = tree_path;
        loop {
            if let Some(owner) = self.owners.get(path) {
                return Some(owner);
            }
            path = path.rsplit_once('/')?.0;
        }
    }

    /// The table of all TeX packages in the bundle, `name⇥licence⇥files` a line, and the licences of
    /// each source's files. What no list tells is under the name and licence of its source.
    pub(crate) fn table(
        &self,
        files: &BTreeMap<String, TexFile>,
        sources: &BTreeMap<&str, &str>,
    ) -> (String, BTreeMap<String, BTreeSet<String>>) {
        let mut counts: BTreeMap<Owner, u64> = BTreeMap::new();
        let mut by_source: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for file in files.values() {
            let TexFile::OnDisk { tree_path, package, .. } = file else { continue };
            let owner = self.owner(tree_path);
            if let Some(owner) = owner {
                let licences = owner.licence.split(' ').map(str::to_owned);
                by_source.entry(package.clone()).or_default().extend(licences);
            }
            let owner = owner.cloned().unwrap_or_else(|| Owner {
                name: package.clone(),
                licence: stated(sources.get(package.as_str()).copied().unwrap_or_default()),
            });
            *counts.entry(owner).or_default() += 1;
        }
        let mut text = String::new();
        for (Owner { name, licence }, files) in counts {
            let _ = writeln!(text, "{name}\t{licence}\t{files}");
        }
        (text, by_source)
    }
}

pub(crate) fn stated(licence: &str) -> String {
    let licence = licence.trim();
    if licence.is_empty() { "unstated".to_owned() } else { licence.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_licence_of_its_package_not_of_its_collection() {
        let mut licences = Licences::default();
        licences.add_list(
            "Licenses for source package texlive-extra\n\na0poster: lppl\ntexmf-dist/tex/latex/a0poster/*\n\
             odd: \ntexmf-dist/bibtex/bst/odd/odd.bst\n",
        );
        let file = |tree_path: &str| TexFile::OnDisk {
            path: tree_path.into(),
            tree_path: tree_path.to_owned(),
            package: "texlive-extra".to_owned(),
        };
        let files = BTreeMap::from([
            ("a0poster.cls".to_owned(), file("tex/latex/a0poster/sub/a0poster.cls")),
            ("odd.bst".to_owned(), file("bibtex/bst/odd/odd.bst")),
            ("other.sty".to_owned(), file("tex/latex/other/other.sty")),
        ]);
        let (table, by_source) =
            licences.table(&files, &BTreeMap::from([("texlive-extra", "various")]));
        assert_eq!(table, "a0poster\tlppl\t1\nodd\tunstated\t1\ntexlive-extra\tvarious\t1\n");
        assert!(by_source["texlive-extra"].iter().eq(["lppl", "unstated"]));
    }
}
