//! What becomes of two lists of texts, ours and the relay's, both of which may have changed since they last agreed. A
//! text is the same by its id, wherever it is.

use quire_project::{DocumentId, ProjectPath};
use std::collections::{BTreeMap, BTreeSet};

/// Where each text was when both lists agreed on it: as the relay had it.
pub type Agreed = BTreeMap<DocumentId, ProjectPath>;

/// What is known before it is decided.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Texts here.
    pub here: BTreeMap<DocumentId, ProjectPath>,
    /// Paths of other files here.
    pub others_here: BTreeSet<ProjectPath>,
    /// Texts at the relay.
    pub there: BTreeMap<DocumentId, ProjectPath>,
    /// What was agreed.
    pub agreed: Agreed,
    /// May we change the list at the relay?
    pub may_write: bool,
}

/// One thing to do; once it is done, what is agreed changes with it: [`Step::agree`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Trash a text here: it was removed there.
    RemoveHere(DocumentId, ProjectPath),
    /// Move a text out of the way of one that the relay has at its path.
    StepAside(DocumentId, ProjectPath, ProjectPath),
    /// Move a text here: it was moved there.
    MoveHere(DocumentId, ProjectPath, ProjectPath),
    /// Make a text here, empty: its line brings what it holds. The second path is where it is there, when that is
    /// not free here.
    AddHere(DocumentId, ProjectPath, Option<ProjectPath>),
    /// Add or move a text there.
    PutThere(DocumentId, ProjectPath),
    /// Remove a text there: it was trashed here.
    DeleteThere(DocumentId),
    /// Both have it at this path.
    Same(DocumentId, ProjectPath),
    /// Neither has it any more.
    Gone(DocumentId),
}

impl Step {
    /// The step is done.
    pub fn agree(&self, agreed: &mut Agreed) {
        match self {
            Self::AddHere(document, path, there) => {
                agreed.insert(*document, there.as_ref().unwrap_or(path).clone());
            }
            Self::MoveHere(document, _, path)
            | Self::PutThere(document, path)
            | Self::Same(document, path) => {
                agreed.insert(*document, path.clone());
            }
            Self::RemoveHere(document, _) | Self::DeleteThere(document) | Self::Gone(document) => {
                agreed.remove(document);
            }
            Self::StepAside(..) => {}
        }
    }
}

/// What is to be done, in this order. When a step fails the others are still right, and the next plan tries again.
pub type Plan = Vec<Step>;

/// Decide. What was changed on one side is done on the other; when both moved a text the relay's path holds; a text
/// that was removed on one side is removed on the other, also when it was written in meanwhile: from the trash it
/// comes back with all that was written. Of two new texts with one path, ours steps aside.
pub fn plan(known: &Known) -> Plan {
    let mut tree = Tree::new(known);
    let mut steps = Vec::new();
    for document in known.agreed.keys() {
        if !known.here.contains_key(document) && !known.there.contains_key(document) {
            steps.push(Step::Gone(*document));
        }
    }
    for (document, path) in &known.here {
        if !known.there.contains_key(document) && known.agreed.contains_key(document) {
            tree.texts.remove(document);
            steps.push(Step::RemoveHere(*document, path.clone()));
        }
    }
    let mut puts = Vec::new();
    for (document, there) in &known.there {
        let agreed = known.agreed.get(document);
        match (known.here.get(document), agreed) {
            (Some(here), agreed) if here == there => {
                if agreed != Some(there) {
                    steps.push(Step::Same(*document, there.clone()));
                }
            }
            // Only we have moved it.
            (Some(_), Some(agreed)) if agreed == there => puts.push(*document),
            (Some(_), _) => {
                tree.make_way(*document, there, &mut steps);
                let from = tree.texts.insert(*document, there.clone());
                let from = from.unwrap_or_else(|| there.clone());
                steps.push(Step::MoveHere(*document, from, there.clone()));
            }
            (None, Some(_)) => {
                if known.may_write && !known.here.is_empty() {
                    steps.push(Step::DeleteThere(*document));
                }
            }
            (None, None) => {
                tree.make_way(*document, there, &mut steps);
                let path = tree.free(there, *document);
                tree.texts.insert(*document, path.clone());
                let elsewhere = (path != *there).then(|| there.clone());
                steps.push(Step::AddHere(*document, path, elsewhere));
            }
        }
    }
    let is_new = |document: &&DocumentId| {
        !known.there.contains_key(document) && !known.agreed.contains_key(document)
    };
    puts.extend(known.here.keys().filter(is_new));
    if known.may_write {
        let wanted = puts.into_iter().filter_map(|document| Some((document, tree.path(document)?)));
        let mut there = known.there.clone();
        there.retain(|document, _| !steps.contains(&Step::DeleteThere(*document)));
        put_in_order(wanted.collect(), there, &tree, &mut steps);
    }
    steps
}

/// The relay refuses a path that another text has: each goes where none is any more. When all wait for each other, one
/// goes elsewhere first.
fn put_in_order(
    mut wanted: Vec<(DocumentId, ProjectPath)>,
    mut there: BTreeMap<DocumentId, ProjectPath>,
    tree: &Tree,
    steps: &mut Plan,
) {
    while !wanted.is_empty() {
        let is_free = |(document, path): &(DocumentId, ProjectPath)| {
            !there.iter().any(|(of, at)| of != document && clash(at, path))
        };
        let (document, path) = match wanted.iter().position(is_free) {
            Some(free) => wanted.swap_remove(free),
            None => {
                // One that others wait for.
                let waits = wanted.iter().find(|(document, _)| there.contains_key(document));
                let Some((document, path)) = waits.or(wanted.first()) else { return };
                let is_elsewhere =
                    |beside: &ProjectPath| !there.values().any(|at| clash(at, beside));
                match tree.beside(path, *document).find(is_elsewhere) {
                    Some(beside) if steps.len() < MOST_STEPS => (*document, beside),
                    _ => return,
                }
            }
        };
        there.insert(document, path.clone());
        steps.push(Step::PutThere(document, path));
    }
}

/// More are left to the next plan.
const MOST_STEPS: usize = 10_000;

/// Our files as they are after the steps so far.
struct Tree {
    texts: BTreeMap<DocumentId, ProjectPath>,
    others: BTreeSet<ProjectPath>,
    /// Paths that texts of the relay are at, or come to.
    wanted: BTreeSet<ProjectPath>,
}

impl Tree {
    fn new(known: &Known) -> Self {
        Self {
            texts: known.here.clone(),
            others: known.others_here.clone(),
            wanted: known.there.values().cloned().collect(),
        }
    }

    fn path(&self, document: DocumentId) -> Option<ProjectPath> {
        self.texts.get(&document).cloned()
    }

    /// Texts that are at the path, or in a folder of that name, go elsewhere.
    fn make_way(&mut self, for_whom: DocumentId, path: &ProjectPath, steps: &mut Vec<Step>) {
        let in_the_way: Vec<(DocumentId, ProjectPath)> = self
            .texts
            .iter()
            .filter(|(document, at)| **document != for_whom && clash(at, path))
            .map(|(document, at)| (*document, at.clone()))
            .collect();
        for (document, from) in in_the_way {
            let to = self.beside(&from, document).find(|to| !clash(to, path));
            let to = to.unwrap_or_else(|| from.clone());
            self.texts.insert(document, to.clone());
            steps.push(Step::StepAside(document, from, to));
        }
    }

    /// The path, or one beside it when other files are in the way.
    fn free(&self, path: &ProjectPath, for_whom: DocumentId) -> ProjectPath {
        if self.is_free(path, for_whom) {
            return path.clone();
        }
        self.beside(path, for_whom).next().unwrap_or_else(|| path.clone())
    }

    /// Names like this one that no file has, and that no text of the relay comes to.
    fn beside(
        &self,
        path: &ProjectPath,
        for_whom: DocumentId,
    ) -> impl Iterator<Item = ProjectPath> {
        let dot = if path.extension().is_empty() { "" } else { "." };
        // A file in a folder whose name is taken has to leave the folder.
        let folders = [path.folder(), ""];
        let numbered = (2_u32..).flat_map(move |number| {
            let name = format!("{}-{number}{dot}{}", path.stem(), path.extension());
            folders.map(|folder| ProjectPath::resolve(folder, &name).ok())
        });
        numbered.flatten().filter(move |candidate| {
            self.is_free(candidate, for_whom)
                && !self.wanted.iter().any(|wanted| clash(wanted, candidate))
        })
    }

    fn is_free(&self, path: &ProjectPath, for_whom: DocumentId) -> bool {
        let texts = self.texts.iter().filter(|(document, _)| **document != for_whom);
        !texts.map(|(_, at)| at).chain(&self.others).any(|at| clash(at, path))
    }
}

/// Two files cannot be at both: they are the same but for case, or one would be a folder.
fn clash(one: &ProjectPath, other: &ProjectPath) -> bool {
    let (one, other) = (one.as_str().to_lowercase(), other.as_str().to_lowercase());
    let is_below = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
    };
    one == other || is_below(&one, &other) || is_below(&other, &one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> DocumentId {
        DocumentId([number; 16])
    }

    fn path(text: &str) -> ProjectPath {
        ProjectPath::new(text).unwrap()
    }

    fn list(texts: &[(u8, &str)]) -> BTreeMap<DocumentId, ProjectPath> {
        texts.iter().map(|(number, text)| (id(*number), path(text))).collect()
    }

    fn known(here: &[(u8, &str)], agreed: &[(u8, &str)], there: &[(u8, &str)]) -> Known {
        Known {
            here: list(here),
            others_here: BTreeSet::new(),
            there: list(there),
            agreed: list(agreed),
            may_write: true,
        }
    }

    /// Does the steps, and looks that nothing is left to do afterwards.
    fn settle(mut known: Known) -> (Plan, BTreeMap<DocumentId, ProjectPath>) {
        let first = plan(&known);
        for _ in 0..3 {
            for step in plan(&known) {
                match &step {
                    Step::RemoveHere(document, _) => drop(known.here.remove(document)),
                    Step::StepAside(document, from, to) | Step::MoveHere(document, from, to) => {
                        assert_eq!(known.here.insert(*document, to.clone()).as_ref(), Some(from));
                    }
                    Step::AddHere(document, path, _) => {
                        assert_eq!(known.here.insert(*document, path.clone()), None);
                    }
                    Step::PutThere(document, path) => {
                        let taken = known.there.iter().any(|(of, at)| of != document && at == path);
                        assert!(!taken, "the relay has another text at {path}");
                        known.there.insert(*document, path.clone());
                    }
                    Step::DeleteThere(document) => drop(known.there.remove(document)),
                    Step::Same(..) | Step::Gone(_) => {}
                }
                step.agree(&mut known.agreed);
                let mut paths: Vec<_> = known.here.values().collect();
                paths.sort();
                paths.dedup();
                assert_eq!(paths.len(), known.here.len(), "two texts at one path after {step:?}");
            }
        }
        assert_eq!(plan(&known), [], "it does not settle");
        assert_eq!(known.here, known.there);
        (first, known.here)
    }

    #[test]
    fn what_was_added_on_one_side_is_added_on_the_other() {
        let (steps, _) = settle(known(&[(1, "a.tex")], &[], &[(2, "b.tex")]));
        let there = Step::AddHere(id(2), path("b.tex"), None);
        assert_eq!(steps, [there, Step::PutThere(id(1), path("a.tex"))]);
    }

    #[test]
    fn what_was_moved_or_removed_on_one_side_is_on_the_other() {
        let before = [(1, "a.tex"), (2, "b.tex"), (3, "c.tex"), (4, "d.tex")];
        let here = [(1, "a2.tex"), (2, "b.tex"), (4, "d.tex")];
        let there = [(1, "a.tex"), (2, "b2.tex"), (3, "c.tex")];
        let (steps, after) = settle(known(&here, &before, &there));
        assert_eq!(steps[0], Step::RemoveHere(id(4), path("d.tex")));
        assert!(steps.contains(&Step::DeleteThere(id(3))));
        assert_eq!(after, list(&[(1, "a2.tex"), (2, "b2.tex")]));
    }

    #[test]
    fn of_two_new_texts_with_one_name_ours_steps_aside() {
        let (steps, after) = settle(known(&[(1, "intro.tex")], &[], &[(2, "Intro.tex")]));
        assert_eq!(steps[0], Step::StepAside(id(1), path("intro.tex"), path("intro-2.tex")));
        assert_eq!(after, list(&[(1, "intro-2.tex"), (2, "Intro.tex")]));
    }

    #[test]
    fn when_both_moved_a_text_the_relay_is_right() {
        let (_, after) = settle(known(&[(1, "x.tex")], &[(1, "a.tex")], &[(1, "y.tex")]));
        assert_eq!(after, list(&[(1, "y.tex")]));
    }

    #[test]
    fn two_texts_that_changed_their_names_with_each_other_arrive() {
        let before = [(1, "a.tex"), (2, "b.tex")];
        let (_, after) = settle(known(&before, &before, &[(1, "b.tex"), (2, "a.tex")]));
        assert_eq!(after, list(&[(1, "b.tex"), (2, "a.tex")]));
    }

    #[test]
    fn a_text_comes_beside_a_picture_of_its_name() {
        let mut known = known(&[], &[], &[(1, "fig")]);
        known.others_here.insert(path("fig/a.png"));
        let (steps, _) = settle(known);
        assert_eq!(steps, [Step::AddHere(id(1), path("fig-2"), Some(path("fig")))]);
    }

    #[test]
    fn who_may_not_write_changes_nothing_there() {
        let mut known = known(&[(1, "a.tex")], &[(2, "b.tex")], &[(2, "b.tex")]);
        known.may_write = false;
        assert_eq!(plan(&known), []);
    }

    /// As when the disk with the folder was taken out.
    #[test]
    fn when_everything_is_gone_here_nothing_is_removed_there() {
        assert_eq!(plan(&known(&[], &[(1, "a.tex")], &[(1, "a.tex")])), []);
    }

    #[test]
    fn any_two_lists_settle() {
        let names = ["a.tex", "A.tex", "b.tex", "b/c.tex", "d.bib"];
        for seed in 0..3000 {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut draw = || {
                let mut taken: Vec<ProjectPath> = Vec::new();
                let mut list = BTreeMap::new();
                for number in 1..5 {
                    let at = path(names[random.usize(..names.len())]);
                    if random.bool() && !taken.iter().any(|other| clash(other, &at)) {
                        taken.push(at.clone());
                        list.insert(id(number), at);
                    }
                }
                list
            };
            let (here, agreed, there) = (draw(), draw(), draw());
            if here.is_empty() {
                continue;
            }
            println!("seed {seed}: {here:?}, {agreed:?}, {there:?}");
            settle(Known { here, agreed, there, may_write: true, ..Known::default() });
        }
    }
}
