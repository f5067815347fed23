//! What the names stand for that a run has asked for.

use quire_project::{FileSource, ProjectPath};
use quire_tex_engine::{Change, Focus, is_state_file};
use serde_bytes::ByteBuf;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// What a name stands for now.
#[derive(Clone, Debug)]
pub(super) struct Text {
    /// `None` when nothing is there.
    pub(super) bytes: Option<Arc<[u8]>>,
    /// From an earlier pass, not of the project.
    pub(super) is_generated: bool,
    /// Of how many different contents it is the last.
    edition: u64,
}

/// What has become of the files.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// One of them is not as it was.
    pub(super) has_changed: bool,
    /// The first change that was found in a text of the project.
    pub(super) focus: Option<Focus>,
}

/// Every name that was ever asked for.
pub(super) struct Known {
    root_folder: String,
    job_name: String,
    names: HashMap<String, Text>,
    /// The names under which each file was asked for.
    by_path: BTreeMap<ProjectPath, BTreeSet<String>>,
}

impl Known {
    pub(super) fn new(root_folder: &str, job_name: &str) -> Self {
        Self {
            root_folder: root_folder.to_owned(),
            job_name: job_name.to_owned(),
            names: HashMap::new(),
            by_path: BTreeMap::new(),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Text> {
        self.names.get(name)
    }

    /// Names that stand for nothing.
    pub(super) fn absent(&self) -> Vec<String> {
        let absent = self.names.iter().filter(|(_, text)| text.bytes.is_none());
        absent.map(|(name, _)| name.clone()).collect()
    }

    /// A name under which a file was asked for.
    pub(super) fn name_of(&self, path: &ProjectPath) -> Option<String> {
        self.by_path.get(path)?.first().cloned()
    }

    /// The file that was asked for under a name.
    pub(super) fn path_of(&self, name: &str) -> Option<ProjectPath> {
        let mut files = self.by_path.iter();
        files.find(|(_, names)| names.contains(name)).map(|(path, _)| path.clone())
    }

    /// A run has asked for a name and was served `bytes`, the file at `path`; `None` when nothing was there.
    pub(super) fn learn(
        &mut self,
        name: &str,
        path: Option<&ProjectPath>,
        bytes: Option<Arc<[u8]>>,
    ) {
        let mut text = Text { bytes, is_generated: false, edition: 0 };
        text.follow(self.names.get(name));
        self.names.insert(name.to_owned(), text);
        if let Some(path) = path {
            self.by_path.entry(path.clone()).or_default().insert(name.to_owned());
        }
    }

    /// The names of a snapshot that were never asked of the application: files of earlier passes.
    pub(super) fn see<'a>(
        &mut self,
        names: impl Iterator<Item = &'a String>,
        files: &dyn FileSource,
        generated: &BTreeMap<String, Arc<[u8]>>,
    ) {
        for name in names {
            if !self.names.contains_key(name) {
                let text = self.look_up(name, files, generated);
                self.names.insert(name.clone(), text);
            }
        }
    }

    /// Look again what names stand for: those of `changed` files, or all. Answers with what became of them.
    pub(super) fn refresh(
        &mut self,
        files: &dyn FileSource,
        generated: &BTreeMap<String, Arc<[u8]>>,
        changed: Option<&BTreeSet<ProjectPath>>,
    ) -> Found {
        let names: Vec<String> = match changed {
            Some(paths) => {
                paths.iter().filter_map(|path| self.by_path.get(path)).flatten().cloned().collect()
            }
            None => self.names.keys().cloned().collect(),
        };
        let mut found = Found::default();
        for name in names {
            let mut text = self.look_up(&name, files, generated);
            text.follow(self.names.get(&name));
            let old = self.names.insert(name.clone(), text.clone());
            let old = old.and_then(|old| old.bytes);
            match (old, text.bytes) {
                (None, None) => {}
                (Some(old), Some(new)) if Arc::ptr_eq(&old, &new) || old == new => {}
                (Some(old), Some(new)) if !text.is_generated && found.focus.is_none() => {
                    let offset = common_prefix(&old, &new) as u64;
                    found = Found { has_changed: true, focus: Some(Focus { name, offset }) };
                }
                _ => found.has_changed = true,
            }
        }
        found
    }

    fn look_up(
        &self,
        name: &str,
        files: &dyn FileSource,
        generated: &BTreeMap<String, Arc<[u8]>>,
    ) -> Text {
        if let Some(bytes) = generated.get(name) {
            return Text { bytes: Some(bytes.clone()), is_generated: true, edition: 0 };
        }
        if is_state_file(name, &self.job_name) {
            return Text { bytes: None, is_generated: true, edition: 0 };
        }
        let paths = ProjectPath::look_ups(&self.root_folder, name).unwrap_or_default();
        let bytes = paths.iter().find_map(|path| files.read(path).ok().flatten());
        Text { bytes, is_generated: false, edition: 0 }
    }

    /// Another number whenever what a name stands for is another.
    pub(super) fn edition(&self, name: &[u8]) -> u64 {
        let text = str::from_utf8(name).ok().and_then(|name| self.names.get(name));
        text.map_or(0, |text| text.edition)
    }
}

impl Text {
    /// Take the place of what was known.
    fn follow(&mut self, old: Option<&Self>) {
        let Some(old) = old else { return };
        let is_same = match (&self.bytes, &old.bytes) {
            (Some(new), Some(old)) => Arc::ptr_eq(new, old) || new == old,
            (new, old) => new.is_none() && old.is_none(),
        };
        self.edition = if is_same { old.edition } else { old.edition + 1 };
    }
}

/// The one change that makes `new` of `old`; `None` when they are equal.
pub(super) fn change(name: &str, old: &[u8], new: &[u8]) -> Option<Change> {
    if old == new {
        return None;
    }
    let start = common_prefix(old, new);
    let longest = old.len().min(new.len()) - start;
    let end = (0..longest)
        .take_while(|back| old[old.len() - 1 - back] == new[new.len() - 1 - back])
        .count();
    Some(Change {
        name: name.to_owned(),
        start: start as u64,
        removed: (old.len() - end - start) as u64,
        inserted: ByteBuf::from(&new[start..new.len() - end]),
    })
}

/// How many bytes two texts begin with alike.
pub(super) fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    const BLOCK: usize = 256;
    let blocks = a.chunks(BLOCK).zip(b.chunks(BLOCK)).take_while(|(a, b)| a == b).count();
    let start = (blocks * BLOCK).min(a.len()).min(b.len());
    start + a[start..].iter().zip(&b[start..]).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::{change, common_prefix};

    #[test]
    fn a_change_turns_one_text_into_the_other() {
        let cases: [(&[u8], &[u8]); 6] = [
            (b"abc", b"abXc"),
            (b"aaaa", b"aaa"),
            (b"", b"x"),
            (b"x", b""),
            (b"same start, other end", b"same start, another end"),
            (&[7; 600], &[7; 601]),
        ];
        for (old, new) in cases {
            let change = change("f", old, new).unwrap();
            let start = change.start as usize;
            let end = start + change.removed as usize;
            assert_eq!([&old[..start], &change.inserted, &old[end..]].concat(), new);
        }
        assert_eq!(change("f", b"a", b"a"), None);
    }

    #[test]
    fn a_common_prefix_ends_at_the_shorter_text() {
        assert_eq!(common_prefix(&[1; 256], &[1; 256]), 256);
        assert_eq!(common_prefix(&[1; 256], &[1; 300]), 256);
        assert_eq!(common_prefix(b"ab", b"ac"), 1);
    }
}
