//! Our files as they are after the steps so far, and which names are free among them.

use super::{Item, Known, List, Plan, Step};
use quire_project::{ContentHash, ProjectPath};
use std::collections::BTreeSet;

pub(super) struct Tree {
    pub(super) items: List,
    others: BTreeSet<ProjectPath>,
    /// Paths that something of the relay is at, or comes to.
    wanted: BTreeSet<ProjectPath>,
}

impl Tree {
    pub(super) fn new(known: &Known) -> Self {
        Self {
            items: known.here.clone(),
            others: known.others_here.clone(),
            wanted: known.there.values().map(|at| at.path.clone()).collect(),
        }
    }

    /// Something holds other bytes.
    pub(super) fn hold(&mut self, item: Item, hash: ContentHash) {
        if let Some(at) = self.items.get_mut(&item) {
            at.holds = Some(hash);
        }
    }

    /// Something is elsewhere; where it was.
    pub(super) fn place(&mut self, item: Item, path: &ProjectPath) -> ProjectPath {
        let at = self.items.get_mut(&item);
        at.map_or_else(|| path.clone(), |at| std::mem::replace(&mut at.path, path.clone()))
    }

    /// What is at the path, or in a folder of that name, goes elsewhere.
    pub(super) fn make_way(&mut self, for_whom: Item, path: &ProjectPath, steps: &mut Plan) {
        let in_the_way: Vec<(Item, ProjectPath)> = self
            .items
            .iter()
            .filter(|(item, at)| **item != for_whom && clash(&at.path, path))
            .map(|(item, at)| (*item, at.path.clone()))
            .collect();
        for (item, from) in in_the_way {
            let to = self.beside(&from, item).find(|to| !clash(to, path));
            let to = to.unwrap_or_else(|| from.clone());
            self.place(item, &to);
            steps.push(Step::StepAside(item, from, to));
        }
    }

    /// The path, or one beside it when other files are in the way.
    pub(super) fn free(&self, path: &ProjectPath, for_whom: Item) -> ProjectPath {
        if self.is_free(path, for_whom) {
            return path.clone();
        }
        self.beside(path, for_whom).next().unwrap_or_else(|| path.clone())
    }

    /// Where our version of a file is kept that both sides have replaced: `plot-conflict.png`.
    pub(super) fn keep_beside(&mut self, path: &ProjectPath, item: Item) -> ProjectPath {
        let name = named(path, "conflict");
        let aside = ProjectPath::resolve(path.folder(), &name).unwrap_or_else(|_| path.clone());
        let is_wanted = self.wanted.iter().any(|wanted| clash(wanted, &aside));
        let is_taken = is_wanted || aside == *path || !self.is_free(&aside, item);
        let kept = is_taken.then(|| self.beside(&aside, item).next()).flatten().unwrap_or(aside);
        self.others.insert(kept.clone());
        kept
    }

    /// Names like this one that no file has, and that nothing of the relay comes to.
    pub(super) fn beside(
        &self,
        path: &ProjectPath,
        for_whom: Item,
    ) -> impl Iterator<Item = ProjectPath> {
        // A file in a folder whose name is taken has to leave the folder.
        let folders = [path.folder(), ""];
        let numbered = (2_u32..).flat_map(move |number| {
            let name = named(path, &number.to_string());
            folders.map(|folder| ProjectPath::resolve(folder, &name).ok())
        });
        numbered.flatten().filter(move |candidate| {
            self.is_free(candidate, for_whom)
                && !self.wanted.iter().any(|wanted| clash(wanted, candidate))
        })
    }

    fn is_free(&self, path: &ProjectPath, for_whom: Item) -> bool {
        let items = self.items.iter().filter(|(item, _)| **item != for_whom);
        !items.map(|(_, at)| &at.path).chain(&self.others).any(|at| clash(at, path))
    }
}

/// The file name with a word behind its stem.
fn named(path: &ProjectPath, word: &str) -> String {
    let dot = if path.extension().is_empty() { "" } else { "." };
    format!("{}-{word}{dot}{}", path.stem(), path.extension())
}

/// Two files cannot be at both: they are the same but for case, or one would be a folder.
pub(super) fn clash(one: &ProjectPath, other: &ProjectPath) -> bool {
    let (one, other) = (one.as_str().to_lowercase(), other.as_str().to_lowercase());
    let is_below = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
    };
    one == other || is_below(&one, &other) || is_below(&other, &one)
}
