//! What was read, as TeX's recorder (`.fls`) and latexmk's notes (`.fdb_latexmk`) have it.

use super::command::in_project;
use quire_project::ProjectPath;
use std::collections::BTreeSet;

/// Files by the project's names; those of TeX Live are left out.
pub(super) fn reads(fls: &[u8], fdb: &[u8], folder: &str) -> BTreeSet<ProjectPath> {
    let (fls, fdb) = (String::from_utf8_lossy(fls), String::from_utf8_lossy(fdb));
    let recorded = fls.lines().filter_map(|line| line.strip_prefix("INPUT "));
    // `  "refs.bib" 1700000000 1144 d41d8c… "biber main"`
    let noted = fdb.lines().filter_map(|line| line.strip_prefix("  \"")?.split_once('"'));
    let noted = noted.map(|(name, _)| name);
    recorded.chain(noted).filter_map(|name| in_project(name.trim(), folder)).collect()
}

/// Which files of the build folder TeX itself has read and written, by their names in it.
pub(super) struct Recorded {
    pub(super) read: BTreeSet<ProjectPath>,
    pub(super) written: BTreeSet<ProjectPath>,
    /// All that was read, as the recorder has it.
    pub(super) names: BTreeSet<String>,
    /// All that was written, likewise.
    pub(super) outputs: BTreeSet<String>,
}

impl Recorded {
    /// What the recorder noted of a run in `folder`.
    pub(super) fn of(fls: &[u8], folder: &str) -> Self {
        let fls = String::from_utf8_lossy(fls);
        let all = |kind: &str| -> BTreeSet<String> {
            let names = fls.lines().filter_map(|line| line.strip_prefix(kind));
            names.map(|name| name.trim().to_owned()).collect()
        };
        let (names, outputs) = (all("INPUT "), all("OUTPUT "));
        let inside = |names: &BTreeSet<String>| -> BTreeSet<ProjectPath> {
            names.iter().filter_map(|name| in_project(name, folder)).collect()
        };
        Self { read: inside(&names), written: inside(&outputs), names, outputs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_programs_read_are_there_too() {
        let fls = b"PWD /build/work/ch\nINPUT /usr/share/texmf/article.cls\nINPUT ./main.tex\n\
            OUTPUT main.aux\nINPUT main.aux\nINPUT /build/work/logo.pdf\n";
        let fdb =
            b"# Fdb version 4\n[\"biber main\"] 17 \"main.bcf\" \"main.bbl\" \"main\" 17 0\n  \
            \"../refs.bib\" 17 114 d41d \"\"\n  (generated)\n  \"main.bbl\"\n";
        let all = reads(fls, fdb, "ch");
        let names: Vec<&str> = all.iter().map(ProjectPath::as_str).collect();
        assert_eq!(names, ["ch/main.aux", "ch/main.bbl", "ch/main.tex", "logo.pdf", "refs.bib"]);
    }
}
