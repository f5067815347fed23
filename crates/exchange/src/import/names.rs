//! Names of archive entries: from any system, to project paths.

use super::ImportError;
use quire_project::{PathError, ProjectPath};
use unicode_normalization::UnicodeNormalization;

/// Longer names are nobody's.
const MAX_NAME: usize = 1_024;

/// What an entry's name means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// Left behind by an operating system or a version control system.
    Junk,
    /// A path, as the archive has it.
    Path(ProjectPath),
    /// A path with other characters than in the archive.
    Changed(ProjectPath),
}

pub(super) fn entry_name(name: &str) -> Result<Name, ImportError> {
    let damaged = |reason: &str| ImportError::Damaged {
        entry: name.chars().take(100).collect(),
        reason: reason.to_owned(),
    };
    if name.len() > MAX_NAME {
        return Err(damaged("its name is too long"));
    }
    // Windows' own archiver and old .NET libraries write backslashes.
    let slashed = name.replace('\\', "/");
    if is_junk(&slashed) {
        return Ok(Name::Junk);
    }
    let outside = || ImportError::LeadsOutside { entry: name.to_owned() };
    let has_drive =
        slashed.as_bytes().get(1) == Some(&b':') && slashed.as_bytes()[0].is_ascii_alphabetic();
    // `..` is refused also where it stays inside: no honest archiver writes it.
    if slashed.starts_with('/') || has_drive || slashed.split('/').any(|part| part == "..") {
        return Err(outside());
    }
    // macOS takes letters and accents apart, and the document's `\includegraphics{é}` does not.
    let composed: String = slashed.nfc().collect();
    let portable =
        |c: char| !c.is_control() && !matches!(c, ':' | '<' | '>' | '"' | '|' | '?' | '*');
    let plain: String = composed.chars().map(|c| if portable(c) { c } else { '-' }).collect();
    match ProjectPath::new(&plain) {
        Ok(path) if plain == composed => Ok(Name::Path(path)),
        Ok(path) => Ok(Name::Changed(path)),
        Err(PathError::Empty) => Ok(Name::Junk),
        Err(PathError::Absolute(_) | PathError::Outside(_)) => Err(outside()),
        Err(PathError::ForbiddenCharacter(_)) => Err(damaged("its name cannot be used")),
    }
}

fn is_junk(path: &str) -> bool {
    path.split('/').any(|part| {
        part.starts_with("._")
            || matches!(
                part,
                "__MACOSX" | ".DS_Store" | "Thumbs.db" | "desktop.ini" | ".git" | ".svn" | ".hg"
            )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> String {
        match entry_name(name).unwrap() {
            Name::Junk => "junk".into(),
            Name::Path(path) => path.to_string(),
            Name::Changed(path) => format!("changed {path}"),
        }
    }

    #[test]
    fn names_of_other_systems_become_paths() {
        assert_eq!(path("paper\\figs\\a.png"), "paper/figs/a.png");
        assert_eq!(path("./a//b.tex"), "a/b.tex");
        assert_eq!(path("e\u{301}.tex"), "é.tex");
        assert_eq!(path("at 10:30?.png"), "changed at 10-30-.png");
        assert_eq!(path("a\u{7}b"), "changed a-b");
        assert_eq!(path("paper/"), "paper");
        for junk in ["__MACOSX/a/._b.tex", "a/.DS_Store", ".git/config", "./"] {
            assert_eq!(path(junk), "junk", "{junk}");
        }
    }

    #[test]
    fn names_that_lead_outside_are_refused() {
        for name in
            ["../a", "a/../../b", "a/../b", "/etc/passwd", "\\\\server\\x", "C:\\x", "c:x", "..\\a"]
        {
            let error = entry_name(name).unwrap_err();
            assert!(
                matches!(&error, ImportError::LeadsOutside { entry } if entry == name),
                "{error}"
            );
        }
        assert!(matches!(entry_name(&"x".repeat(5_000)), Err(ImportError::Damaged { .. })));
    }
}
