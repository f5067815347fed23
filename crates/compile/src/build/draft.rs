//! A draft: the document's pictures are frames. Its root is served with the option for the packages of pictures before
//! the first character, on the first line still, so that every line keeps its number, for all engines alike.

use super::BuildRequest;
use quire_project::{FileSource, ProjectPath, ReadError, Stamp};
use std::sync::Arc;

/// Works before `\documentclass`; what a document asks for itself (`final`) goes before it.
const OPTION: &[u8] =
    b"\\PassOptionsToPackage{draft}{graphicx}\\PassOptionsToPackage{draft}{graphics}";
/// Editors of another system write it, and TeX takes it off at the very beginning only.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The request with the files that a draft is made of, if it is to be one.
pub(super) fn with_draft(request: &BuildRequest) -> BuildRequest {
    let mut request = request.clone();
    if request.options.draft {
        request.files = Arc::new(Draft { files: request.files, root: request.root.clone() });
    }
    request
}

struct Draft {
    files: Arc<dyn FileSource>,
    root: ProjectPath,
}

impl FileSource for Draft {
    fn read(&self, path: &ProjectPath) -> Result<Option<Arc<[u8]>>, ReadError> {
        let bytes = self.files.read(path)?;
        Ok(if *path == self.root { bytes.map(|bytes| drafted(&bytes).into()) } else { bytes })
    }

    fn list(&self) -> Vec<ProjectPath> {
        self.files.list()
    }

    /// The root's own stamp stands for its own bytes.
    fn stamp(&self, path: &ProjectPath) -> Stamp {
        match self.files.stamp(path) {
            Stamp::Known(_) if *path == self.root => Stamp::Unknown,
            stamp => stamp,
        }
    }

    fn stand_in(&self, path: &ProjectPath) -> Option<ProjectPath> {
        self.files.stand_in(path)
    }
}

fn drafted(root: &[u8]) -> Vec<u8> {
    let (mark, text) = match root.strip_prefix(BYTE_ORDER_MARK) {
        Some(text) => (BYTE_ORDER_MARK, text),
        None => (&b""[..], root),
    };
    [mark, OPTION, text].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use quire_project::MemoryFiles;

    #[test]
    fn the_root_alone_is_another_and_no_line_moves() {
        let path = |text| ProjectPath::new(text).unwrap();
        let mut files = MemoryFiles::default();
        files.insert(path("main.tex"), &b"\\documentclass{a}\nText"[..]);
        files.insert(path("b.tex"), &b"b"[..]);
        let draft = Draft { files: Arc::new(files), root: path("main.tex") };
        let text = |name| {
            let bytes = draft.read(&path(name)).unwrap().unwrap();
            String::from_utf8(bytes.to_vec()).unwrap()
        };
        let root = text("main.tex");
        assert!(root.ends_with("{graphics}\\documentclass{a}\nText"), "{root}");
        assert_eq!(root.lines().count(), 2);
        assert_eq!(text("b.tex"), "b");
        assert_eq!(draft.read(&path("c.tex")).unwrap(), None);
    }

    #[test]
    fn the_mark_of_the_encoding_stays_in_front() {
        let with = drafted(b"\xef\xbb\xbfText");
        assert!(with.starts_with(b"\xef\xbb\xbf\\Pass") && with.ends_with(b"Text"));
    }
}
