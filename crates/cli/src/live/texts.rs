//! The files of the project as the editor has them: open texts before what is on the disk.

use super::protocol::{Encoding, Position, Range};
use crate::errors::Failure;
use quire_compile::disk::DiskFolder;
use quire_project::{FileSource, ProjectPath, ReadError, Stamp};
use quire_text::{LineIndex, LineNumber};
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// One state of all files. A copy of it is cheap.
#[derive(Clone)]
pub(super) struct Texts {
    disk: Arc<DiskFolder>,
    open: BTreeMap<ProjectPath, OpenText>,
}

#[derive(Clone)]
struct OpenText {
    bytes: Arc<[u8]>,
    encoding: Encoding,
}

/// Why a text cannot be opened, changed or closed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) message: String,
    pub(super) advice: &'static str,
}

/// When editor and program no longer mean the same text.
const OPEN_AGAIN: &str = "the texts have come apart: send `open` with the whole text";

impl Texts {
    /// As on the disk.
    pub(super) fn on_disk(folder: &Path) -> Result<Self, Failure> {
        Ok(Self { disk: Arc::new(DiskFolder::open(folder)?), open: BTreeMap::new() })
    }

    /// Files on the disk have changed.
    pub(super) fn look_again(&mut self) -> Result<(), Failure> {
        self.disk = Arc::new(DiskFolder::open(self.disk.real_path())?);
        Ok(())
    }

    /// The file that is meant: from the top of the project, or absolute.
    pub(super) fn path(&self, path: &str) -> Result<ProjectPath, Refusal> {
        let folder = self.disk.real_path();
        let refused = |message: String| Refusal {
            message,
            advice: "name a file of the project, from its top folder or absolute",
        };
        let given = Path::new(path);
        if !given.is_absolute() {
            return ProjectPath::new(path).map_err(|error| refused(error.to_string()));
        }
        // The file may be new, its folder a link.
        let real = given.parent().and_then(|parent| parent.canonicalize().ok());
        let real = real.zip(given.file_name()).map(|(parent, name)| parent.join(name));
        let inside = [Some(given), real.as_deref()]
            .into_iter()
            .flatten()
            .find_map(|place| place.strip_prefix(folder).ok());
        let Some(inside) = inside else {
            let message = format!("`{path}` is not in the project `{}`", folder.display());
            return Err(refused(message));
        };
        let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
        ProjectPath::new(&parts.join("/")).map_err(|error| refused(error.to_string()))
    }

    /// Take `text`, or what is on the disk, in place of the file.
    pub(super) fn open(
        &mut self,
        path: ProjectPath,
        text: Option<String>,
        encoding: Encoding,
    ) -> Result<(), Refusal> {
        let bytes: Arc<[u8]> = match text {
            Some(text) => text.into_bytes().into(),
            None => match self.disk.read(&path) {
                Ok(Some(bytes)) => bytes,
                Ok(None) => {
                    return Err(Refusal {
                        message: format!("there is no file `{path}`"),
                        advice: "send its `text` with it",
                    });
                }
                Err(error) => {
                    return Err(Refusal {
                        message: error.to_string(),
                        advice: "send its `text` with it",
                    });
                }
            },
        };
        self.open.insert(path, OpenText { bytes, encoding });
        Ok(())
    }

    /// Put `text` in the place of `range`, or of everything.
    pub(super) fn change(
        &mut self,
        path: &ProjectPath,
        range: Option<Range>,
        text: &str,
    ) -> Result<(), Refusal> {
        let Some(old) = self.open.get_mut(path) else {
            return Err(not_open(path));
        };
        let Some(range) = range else {
            old.bytes = text.as_bytes().into();
            return Ok(());
        };
        let index = LineIndex::new(&old.bytes);
        let offset = |position| {
            offset_of(&old.bytes, &index, position, old.encoding).map_err(|what| Refusal {
                message: format!("the range is not in the text of `{path}`: {what}"),
                advice: OPEN_AGAIN,
            })
        };
        let (start, end) = (offset(range.start)?, offset(range.end)?);
        if end < start {
            return Err(Refusal {
                message: "the range ends before it starts".to_owned(),
                advice: "send the earlier position as `start`",
            });
        }
        old.bytes = [&old.bytes[..start], text.as_bytes(), &old.bytes[end..]].concat().into();
        Ok(())
    }

    /// What is on the disk counts again.
    pub(super) fn close(&mut self, path: &ProjectPath) -> Result<(), Refusal> {
        self.open.remove(path).map(drop).ok_or_else(|| not_open(path))
    }
}

fn not_open(path: &ProjectPath) -> Refusal {
    Refusal { message: format!("`{path}` is not open"), advice: "send `open` first" }
}

impl FileSource for Texts {
    fn read(&self, path: &ProjectPath) -> Result<Option<Arc<[u8]>>, ReadError> {
        match self.open.get(path) {
            Some(text) => Ok(Some(text.bytes.clone())),
            None => self.disk.read(path),
        }
    }

    fn list(&self) -> Vec<ProjectPath> {
        let mut all = self.disk.list();
        all.extend(self.open.keys().cloned());
        all.sort();
        all.dedup();
        all
    }

    fn stamp(&self, path: &ProjectPath) -> Stamp {
        if self.open.contains_key(path) { Stamp::Unknown } else { self.disk.stamp(path) }
    }

    fn stand_in(&self, path: &ProjectPath) -> Option<ProjectPath> {
        if self.open.contains_key(path) { None } else { self.disk.stand_in(path) }
    }
}

/// The offset in bytes of a position; else what is wrong with it.
fn offset_of(
    text: &[u8],
    index: &LineIndex,
    position: Position,
    encoding: Encoding,
) -> Result<usize, String> {
    let lines = index.line_count();
    if (position.line, position.character) == (lines, 0) {
        // Editors say so when they mean the end of a text whose last line has none.
        return Ok(text.len());
    }
    let number = LineNumber(position.line.saturating_add(1));
    let line = index.line_content(number, text).ok_or_else(|| {
        let it_has = if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
        format!("line {} (counted from 0), where it has {it_has}", position.line)
    })?;
    let content = &text[line.as_range()];
    let mut units = 0;
    let mut bytes = 0;
    // What is not UTF-8 counts as one replacement character for each invalid sequence.
    let parts = content.utf8_chunks().flat_map(|chunk| {
        let valid = chunk.valid().chars().map(|char| (char, char.len_utf8()));
        let invalid = chunk.invalid().len();
        valid.chain((invalid > 0).then_some((char::REPLACEMENT_CHARACTER, invalid)))
    });
    let wanted = position.character as usize;
    for (char, length) in parts {
        if units >= wanted {
            break;
        }
        units += match encoding {
            Encoding::Utf8 => length,
            Encoding::Utf16 => char.len_utf16(),
            Encoding::Utf32 => 1,
        };
        bytes += length;
    }
    match units.cmp(&wanted) {
        std::cmp::Ordering::Equal => Ok(line.start.0 + bytes),
        std::cmp::Ordering::Greater => {
            Err(format!("character {wanted} of line {} is inside of a character", position.line))
        }
        std::cmp::Ordering::Less => {
            Err(format!("character {wanted} of line {}, which has {units}", position.line))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    fn texts(text: &str, encoding: Encoding) -> (tempfile::TempDir, Texts, ProjectPath) {
        let folder = tempfile::tempdir().unwrap();
        let mut texts = Texts::on_disk(folder.path()).unwrap();
        let path = texts.path("main.tex").unwrap();
        texts.open(path.clone(), Some(text.to_owned()), encoding).unwrap();
        (folder, texts, path)
    }

    fn changed(text: &str, encoding: Encoding, range: (Position, Position)) -> String {
        let (_folder, mut texts, path) = texts(text, encoding);
        texts.change(&path, Some(Range { start: range.0, end: range.1 }), "|").unwrap();
        String::from_utf8(texts.read(&path).unwrap().unwrap().to_vec()).unwrap()
    }

    #[test]
    fn positions_count_lines_and_the_units_of_the_encoding() {
        let text = "ä😀b\r\nzwei\n";
        assert_eq!(changed(text, Encoding::Utf16, (at(0, 3), at(0, 4))), "ä😀|\r\nzwei\n");
        assert_eq!(changed(text, Encoding::Utf8, (at(0, 6), at(0, 7))), "ä😀|\r\nzwei\n");
        assert_eq!(changed(text, Encoding::Utf32, (at(0, 2), at(0, 3))), "ä😀|\r\nzwei\n");
        assert_eq!(changed(text, Encoding::Utf16, (at(0, 4), at(1, 2))), "ä😀b|ei\n");
        assert_eq!(changed(text, Encoding::Utf16, (at(1, 4), at(2, 0))), "ä😀b\r\nzwei|");
        assert_eq!(changed("", Encoding::Utf16, (at(0, 0), at(0, 0))), "|");
        assert_eq!(changed("no end", Encoding::Utf16, (at(0, 3), at(1, 0))), "no |");
    }

    #[test]
    fn a_position_outside_of_the_text_is_refused_and_nothing_changes() {
        let (_folder, mut texts, path) = texts("ä😀b\nzwei", Encoding::Utf16);
        let mut refused =
            |start, end| texts.change(&path, Some(Range { start, end }), "|").unwrap_err().message;
        assert!(refused(at(0, 0), at(0, 5)).contains("character 5 of line 0, which has 4"));
        assert!(refused(at(0, 2), at(0, 2)).contains("inside of a character"));
        assert!(refused(at(5, 0), at(5, 0)).contains("line 5 (counted from 0), where it has 2"));
        assert!(refused(at(2, 1), at(2, 1)).contains("line 2"));
        assert!(refused(at(u32::MAX, 0), at(u32::MAX, u32::MAX)).contains("line 4294967295"));
        assert!(refused(at(1, 2), at(0, 0)).contains("ends before it starts"));
        assert_eq!(&*texts.read(&path).unwrap().unwrap(), "ä😀b\nzwei".as_bytes());
    }

    #[test]
    fn open_texts_come_before_the_disk_until_they_are_closed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.tex"), "disk").unwrap();
        let mut texts = Texts::on_disk(folder.path()).unwrap();
        let real = folder.path().canonicalize().unwrap();
        let path = texts.path(real.join("a.tex").to_str().unwrap()).unwrap();
        assert_eq!(texts.change(&path, None, "x").unwrap_err().advice, "send `open` first");
        texts.open(path.clone(), None, Encoding::Utf16).unwrap();
        texts.change(&path, None, "editor").unwrap();
        std::fs::write(folder.path().join("a.tex"), "disk again").unwrap();
        texts.look_again().unwrap();
        assert_eq!(&*texts.read(&path).unwrap().unwrap(), b"editor");
        texts.close(&path).unwrap();
        assert_eq!(&*texts.read(&path).unwrap().unwrap(), b"disk again");
        assert!(texts.close(&path).is_err());
        let new = texts.path("new.tex").unwrap();
        assert!(texts.open(new, None, Encoding::Utf16).unwrap_err().message.contains("no file"));
    }

    #[test]
    fn files_of_others_cannot_be_opened() {
        let folder = tempfile::tempdir().unwrap();
        let texts = Texts::on_disk(folder.path()).unwrap();
        for path in ["/etc/passwd", "../x.tex", "", "a/../../x", "nul\0"] {
            assert!(texts.path(path).is_err(), "{path}");
        }
    }
}
