//! What becomes of two lists of what a project has, ours and the relay's, both of which may have changed since they last
//! agreed. A text or another file is the same by its id, wherever it is and whatever it holds.

mod item;
#[cfg(test)]
mod tests;
mod tree;

pub use item::{At, Item, List};

use quire_project::{ContentHash, FileId, ProjectPath};
use std::collections::{BTreeMap, BTreeSet};
use tree::{Tree, clash};

/// What both lists had when they agreed, as the relay had it.
pub type Agreed = List;

/// What is known before it is decided.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Texts and files here.
    pub here: List,
    /// Paths of files here that are not for others.
    pub others_here: BTreeSet<ProjectPath>,
    /// Texts and files at the relay.
    pub there: List,
    /// What was agreed.
    pub agreed: Agreed,
    /// May we change the list at the relay?
    pub may_write: bool,
}

/// One thing to do; once it is done, what is agreed changes with it: [`Step::agree`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Trash it here: it was removed there.
    RemoveHere(Item, ProjectPath),
    /// Move it out of the way of what the relay has at its path.
    StepAside(Item, ProjectPath, ProjectPath),
    /// Move it here: it was moved there.
    MoveHere(Item, ProjectPath, ProjectPath),
    /// Make it here: a text empty, its line brings what it holds.
    AddHere {
        /// What.
        item: Item,
        /// Where it comes, and what a file holds.
        at: At,
        /// Where it is there, when that is not free here.
        there: Option<ProjectPath>,
    },
    /// Let a file hold what it holds there.
    TakeHere {
        /// Which.
        file: FileId,
        /// Where it is here.
        path: ProjectPath,
        /// What it holds here …
        from: Option<ContentHash>,
        /// … and there.
        to: ContentHash,
        /// It was replaced on both sides: where what it holds here is kept, as another file.
        keep: Option<ProjectPath>,
    },
    /// Both have made the same file: ours is theirs from now on.
    Adopt {
        /// The id that it has here …
        ours: FileId,
        /// … and there.
        theirs: FileId,
        /// Where it is and what it holds, on both sides.
        at: At,
    },
    /// Add it there, move it, or let it hold what it holds here.
    PutThere {
        /// What.
        item: Item,
        /// Where it is to be and what a file is to hold.
        at: At,
        /// What a file holds there.
        replaces: Option<ContentHash>,
    },
    /// Remove it there: it was trashed here.
    DeleteThere(Item),
    /// Both have it like this.
    Same(Item, At),
    /// Neither has it any more.
    Gone(Item),
}

impl Step {
    /// The step is done.
    pub fn agree(&self, agreed: &mut Agreed) {
        match self {
            Self::AddHere { item, at, there } => {
                let path = there.as_ref().unwrap_or(&at.path).clone();
                agreed.insert(*item, At { path, holds: at.holds });
            }
            Self::MoveHere(item, _, path) => {
                let unknown = At { path: path.clone(), holds: None };
                agreed.entry(*item).or_insert(unknown).path.clone_from(path);
            }
            Self::TakeHere { file, path, to, .. } => {
                let unknown = At { path: path.clone(), holds: None };
                agreed.entry(Item::File(*file)).or_insert(unknown).holds = Some(*to);
            }
            Self::Adopt { theirs: file, at, .. } => {
                agreed.insert(Item::File(*file), at.clone());
            }
            Self::PutThere { item, at, .. } | Self::Same(item, at) => {
                agreed.insert(*item, at.clone());
            }
            Self::RemoveHere(item, _) | Self::DeleteThere(item) | Self::Gone(item) => {
                agreed.remove(item);
            }
            Self::StepAside(..) => {}
        }
    }
}

/// What is to be done, in this order. When a step fails the others are still right, and the next plan tries again.
pub type Plan = Vec<Step>;

/// Decide. What was changed on one side is done on the other. When both moved something the relay's path holds; of a
/// file that both replaced the relay's contents hold its name, and ours are kept beside it. A text that was removed on
/// one side is removed on the other, also when it was written in meanwhile: from the trash it comes back with all that
/// was written. A file that was removed on one side and replaced on the other stays: who removed it has not seen what it
/// holds now. Of two new things with one path, ours steps aside.
pub fn plan(known: &Known) -> Plan {
    let mut planning =
        Planning { known, tree: Tree::new(known), steps: Vec::new(), puts: Vec::new() };
    planning.what_went();
    for (item, there) in &known.there {
        match (known.here.get(item), known.agreed.get(item)) {
            (Some(here), agreed) => planning.in_both(*item, here, agreed, there),
            (None, Some(agreed)) if agreed.holds == there.holds => {
                if known.may_write && !known.here.is_empty() {
                    planning.steps.push(Step::DeleteThere(*item));
                }
            }
            (None, _) => planning.came(*item, there),
        }
    }
    planning.what_is_new_here();
    planning.steps
}

struct Planning<'k> {
    known: &'k Known,
    tree: Tree,
    steps: Plan,
    /// What goes to the relay.
    puts: Vec<Item>,
}

impl Planning<'_> {
    fn what_went(&mut self) {
        let known = self.known;
        for item in known.agreed.keys() {
            if !known.here.contains_key(item) && !known.there.contains_key(item) {
                self.steps.push(Step::Gone(*item));
            }
        }
        for (item, here) in &known.here {
            let Some(agreed) = known.agreed.get(item) else { continue };
            if known.there.contains_key(item) {
                continue;
            }
            if known.may_write && here.holds != agreed.holds {
                self.puts.push(*item);
            } else {
                self.tree.items.remove(item);
                self.steps.push(Step::RemoveHere(*item, here.path.clone()));
            }
        }
    }

    fn in_both(&mut self, item: Item, here: &At, agreed: Option<&At>, there: &At) {
        if here == there {
            if agreed != Some(there) {
                self.steps.push(Step::Same(item, there.clone()));
            }
            return;
        }
        let was = agreed.and_then(|agreed| agreed.holds);
        let is_ours = there.holds == was && here.holds != was;
        if let (Item::File(file), Some(to)) = (item, there.holds)
            && here.holds != there.holds
            && !is_ours
        {
            // It may have stepped aside.
            let path = self.tree.items.get(&item).map_or(&here.path, |at| &at.path).clone();
            let keep = (here.holds != was).then(|| self.tree.keep_beside(&path, item));
            self.tree.hold(item, to);
            self.steps.push(Step::TakeHere { file, path, from: here.holds, to, keep });
        }
        let is_moved = here.path != there.path;
        // Only we have moved it.
        let is_our_path = is_moved && agreed.is_some_and(|agreed| agreed.path == there.path);
        if is_moved && !is_our_path {
            self.tree.make_way(item, &there.path, &mut self.steps);
            let from = self.tree.place(item, &there.path);
            self.steps.push(Step::MoveHere(item, from, there.path.clone()));
        }
        if is_ours || is_our_path {
            self.puts.push(item);
        }
    }

    /// What was made there, or brought back.
    fn came(&mut self, item: Item, there: &At) {
        if let Item::File(theirs) = item
            && let Some(ours) = self.twin(there)
        {
            self.tree.items.remove(&Item::File(ours));
            self.tree.items.insert(item, there.clone());
            return self.steps.push(Step::Adopt { ours, theirs, at: there.clone() });
        }
        self.tree.make_way(item, &there.path, &mut self.steps);
        let path = self.tree.free(&there.path, item);
        let at = At { path, holds: there.holds };
        self.tree.items.insert(item, at.clone());
        let there = (at.path != there.path).then(|| there.path.clone());
        self.steps.push(Step::AddHere { item, at, there });
    }

    /// A new file of ours with the same name and contents.
    fn twin(&self, there: &At) -> Option<FileId> {
        let at_it = self.tree.items.iter().find(|(item, at)| self.is_new(item) && *at == there);
        match at_it {
            Some((Item::File(file), _)) => Some(*file),
            _ => None,
        }
    }

    fn is_new(&self, item: &Item) -> bool {
        let known = self.known;
        known.here.contains_key(item)
            && !known.there.contains_key(item)
            && !known.agreed.contains_key(item)
    }

    /// The relay refuses a path that something else has: each goes where nothing is any more. When all wait for each
    /// other, one goes elsewhere first.
    fn what_is_new_here(&mut self) {
        if !self.known.may_write {
            return;
        }
        let new = self.tree.items.keys().filter(|item| self.is_new(item));
        let wanted = self.puts.iter().chain(new);
        let mut wanted: Vec<(Item, At)> =
            wanted.filter_map(|item| Some((*item, self.tree.items.get(item)?.clone()))).collect();
        let mut there: BTreeMap<Item, ProjectPath> =
            self.known.there.iter().map(|(item, at)| (*item, at.path.clone())).collect();
        there.retain(|item, _| !self.steps.contains(&Step::DeleteThere(*item)));
        while !wanted.is_empty() {
            let is_free = |(item, at): &(Item, At)| {
                !there.iter().any(|(of, taken)| of != item && clash(taken, &at.path))
            };
            let (item, at) = match wanted.iter().position(is_free) {
                Some(free) => wanted.swap_remove(free),
                None => {
                    // One that others wait for.
                    let waits = wanted.iter().find(|(item, _)| there.contains_key(item));
                    let Some((item, at)) = waits.or(wanted.first()) else { return };
                    let is_elsewhere =
                        |beside: &ProjectPath| !there.values().any(|taken| clash(taken, beside));
                    match self.tree.beside(&at.path, *item).find(is_elsewhere) {
                        Some(path) if self.steps.len() < MOST_STEPS => {
                            (*item, At { path, holds: at.holds })
                        }
                        _ => return,
                    }
                }
            };
            there.insert(item, at.path.clone());
            let replaces = self.known.there.get(&item).and_then(|there| there.holds);
            self.steps.push(Step::PutThere { item, at, replaces });
        }
    }
}

/// More are left to the next plan.
const MOST_STEPS: usize = 10_000;
