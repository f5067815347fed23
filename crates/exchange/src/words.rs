//! What came out of an archive, in words.

use crate::{ImportNote, ImportedProject};

/// What archives are called that can be read.
pub const ARCHIVE_EXTENSIONS: [&str; 5] = ["zip", "tar", "gz", "tgz", "zipx"];

impl<S> ImportedProject<S> {
    /// What the project may be called: as its folder in the archive, else as the archive, whose `file_name` this is.
    pub fn name(&self, file_name: &str) -> String {
        // A folder called “src” says less than the archive's own name.
        let top = self.top_folder.clone().filter(|top| top.len() > 3);
        top.unwrap_or_else(|| archive_stem(file_name))
    }
}

/// `paper.tar.gz` is an archive of `paper`.
fn archive_stem(name: &str) -> String {
    let mut stem = name;
    while let Some((before, extension)) = stem.rsplit_once('.')
        && ARCHIVE_EXTENSIONS.contains(&&*extension.to_lowercase())
        && !before.is_empty()
    {
        stem = before;
    }
    stem.to_owned()
}

/// Texts whose encoding was assumed, in a sentence for people.
pub fn encoding_note(files: &[String]) -> Option<String> {
    (!files.is_empty()).then(|| {
        format!(
            "Look at the accented letters in {}: nothing says how they were stored, so Latin-1 was \
             assumed.",
            some_of(files)
        )
    })
}

/// What was not taken as it was, in sentences for people.
pub fn archive_notes(notes: &[ImportNote]) -> Vec<String> {
    let of = |pick: &dyn Fn(&ImportNote) -> Option<String>| -> Vec<String> {
        notes.iter().filter_map(pick).collect()
    };
    let not_files = of(&|note| match note {
        ImportNote::NotAFile { entry } => Some(entry.clone()),
        _ => None,
    });
    let renamed = of(&|note| match note {
        ImportNote::Renamed { path, .. } => Some(path.to_string()),
        _ => None,
    });
    let twice = of(&|note| match note {
        ImportNote::Twice { path } => Some(path.to_string()),
        _ => None,
    });
    let clashes = of(&|note| match note {
        ImportNote::CaseClash { path, other } => Some(format!("{path} and {other}")),
        _ => None,
    });
    let told = [
        (not_files, "Links were passed over"),
        (renamed, "Renamed, since their names do not work everywhere"),
        (twice, "The archive holds these twice; the later ones were taken"),
        (clashes, "These names differ only in case, which Windows and macOS take for one file"),
    ];
    let some = told.into_iter().filter(|(files, _)| !files.is_empty());
    some.map(|(files, what)| format!("{what}: {}.", some_of(&files))).collect()
}

/// The first few names, and how many more there are.
pub fn some_of(names: &[String]) -> String {
    const FEW: usize = 5;
    let few = names[..names.len().min(FEW)].join(", ");
    match names.len().saturating_sub(FEW) {
        0 => few,
        more => format!("{few} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_archive_is_called_what_is_before_its_extensions() {
        let names = ["paper.tar.gz", "paper.v2.zip", "2301.00001", ".zip"];
        let stems = names.map(super::archive_stem);
        assert_eq!(stems, ["paper", "paper.v2", "2301.00001", ".zip"]);
    }
}
