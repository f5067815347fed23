//! Where PDFium is: named by the environment, beside the program, or where developers' builds keep it.

use std::path::{Path, PathBuf};

/// The environment variable that names the library.
pub const LIBRARY_VARIABLE: &str = "QUIRE_PDFIUM";

/// The library's file name on this system.
const FILE_NAME: &str = if cfg!(windows) {
    "pdfium.dll"
} else if cfg!(target_os = "macos") {
    "libpdfium.dylib"
} else {
    "libpdfium.so"
};

/// PDFium is nowhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("PDFium is missing: no `{FILE_NAME}` in {}", looked_in.join(", "))]
pub struct LibraryMissing {
    /// Where it was looked for.
    pub looked_in: Vec<String>,
}

/// Beside the program's folder: where packages put what belongs to a program (`bin` and `lib` on Linux,
/// `MacOS` and `Frameworks` in a bundle of macOS).
const NEAR: [&str; 4] = ["", "../lib/quire", "../lib", "../Frameworks"];

/// The library: the one that [`LIBRARY_VARIABLE`] names, else the one in the folder of the running
/// program (links to it are followed) or in one near it.
pub fn find_library() -> Result<PathBuf, LibraryMissing> {
    let named = std::env::var_os(LIBRARY_VARIABLE).map(PathBuf::from);
    let program = std::env::current_exe().ok();
    // A link in a folder of programs leads to where the program was unpacked with its library.
    let program = program.map(|path| path.canonicalize().unwrap_or(path));
    find(named, program.as_deref().and_then(Path::parent))
}

fn find(named: Option<PathBuf>, beside: Option<&Path>) -> Result<PathBuf, LibraryMissing> {
    if let Some(named) = named {
        let file = if named.is_dir() { named.join(FILE_NAME) } else { named };
        let looked_in = vec![format!("`{}` ({LIBRARY_VARIABLE})", file.display())];
        return if file.is_file() { Ok(file) } else { Err(LibraryMissing { looked_in }) };
    }
    let near = |folder: &Path| NEAR.map(|near| folder.join(near).join(FILE_NAME));
    let places: Vec<PathBuf> = beside.map(near).into_iter().flatten().collect();
    places.iter().find(|place| place.is_file()).cloned().ok_or_else(|| LibraryMissing {
        looked_in: places.iter().map(|place| format!("`{}`", place.display())).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_library_wins_and_its_absence_is_told() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join(FILE_NAME);
        let error = find(Some(temp.path().to_owned()), None).unwrap_err().to_string();
        assert!(error.contains(LIBRARY_VARIABLE) && error.contains(FILE_NAME), "{error}");
        std::fs::write(&file, "").unwrap();
        assert_eq!(find(Some(temp.path().to_owned()), None).unwrap(), file);
        assert_eq!(find(None, Some(temp.path())).unwrap(), file);
        assert!(find(None, Some(&temp.path().join("other"))).is_err());
        let bin = temp.path().join("usr/bin");
        let lib = temp.path().join("usr/lib/quire");
        std::fs::create_dir_all(&bin).unwrap();
        std::fs::create_dir_all(&lib).unwrap();
        std::fs::write(lib.join(FILE_NAME), "").unwrap();
        let found = find(None, Some(&bin)).unwrap().canonicalize().unwrap();
        assert_eq!(found, lib.join(FILE_NAME).canonicalize().unwrap());
    }
}
