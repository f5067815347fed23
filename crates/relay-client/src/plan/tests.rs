use super::*;
use quire_project::DocumentId;

fn text(number: u8) -> Item {
    Item::Text(DocumentId([number; 16]))
}

fn file_id(number: u8) -> FileId {
    FileId([number; 16])
}

fn file(number: u8) -> Item {
    Item::File(file_id(number))
}

fn path(text: &str) -> ProjectPath {
    ProjectPath::new(text).unwrap()
}

fn hash(contents: &str) -> ContentHash {
    ContentHash::of(contents.as_bytes())
}

fn at(place: &str) -> At {
    At { path: path(place), holds: None }
}

fn holding(place: &str, contents: &str) -> At {
    At { path: path(place), holds: Some(hash(contents)) }
}

fn list(texts: &[(u8, &str)]) -> List {
    texts.iter().map(|(number, place)| (text(*number), at(place))).collect()
}

fn files(files: &[(u8, &str, &str)]) -> List {
    let named =
        |(number, place, contents): &(u8, &str, &str)| (file(*number), holding(place, contents));
    files.iter().map(named).collect()
}

fn known_of(here: List, agreed: List, there: List) -> Known {
    Known { here, there, agreed, may_write: true, ..Known::default() }
}

fn known(here: &[(u8, &str)], agreed: &[(u8, &str)], there: &[(u8, &str)]) -> Known {
    known_of(list(here), list(agreed), list(there))
}

fn known_files(
    here: &[(u8, &str, &str)],
    agreed: &[(u8, &str, &str)],
    there: &[(u8, &str, &str)],
) -> Known {
    known_of(files(here), files(agreed), files(there))
}

/// Does a step as the desk and the relay would.
fn take(known: &mut Known, step: &Step, fresh: &mut u8) {
    match step {
        Step::RemoveHere(item, _) => drop(known.here.remove(item)),
        Step::StepAside(item, from, to) | Step::MoveHere(item, from, to) => {
            let at = known.here.get_mut(item).unwrap();
            assert_eq!(std::mem::replace(&mut at.path, to.clone()), *from);
        }
        Step::AddHere { item, at, .. } => {
            assert_eq!(known.here.insert(*item, at.clone()), None);
        }
        Step::TakeHere { file, path, from, to, keep } => {
            let at = known.here.get_mut(&Item::File(*file)).unwrap();
            assert_eq!((&at.path, at.holds), (path, *from));
            let ours = at.holds.replace(*to);
            if let Some(keep) = keep {
                *fresh += 1;
                let kept = At { path: keep.clone(), holds: ours };
                assert_eq!(known.here.insert(file_id_of(*fresh), kept), None);
            }
        }
        Step::Adopt { ours, theirs, at } => {
            assert_eq!(known.here.remove(&Item::File(*ours)).as_ref(), Some(at));
            known.here.insert(Item::File(*theirs), at.clone());
        }
        Step::PutThere { item, at, replaces } => {
            let taken = known.there.iter().any(|(of, other)| of != item && other.path == at.path);
            assert!(!taken, "the relay has something else at {}", at.path);
            let held = known.there.get(item).and_then(|there| there.holds);
            assert_eq!(held, *replaces, "the relay would call it stale");
            known.there.insert(*item, at.clone());
        }
        Step::DeleteThere(item) => drop(known.there.remove(item)),
        Step::Same(..) | Step::Gone(_) => {}
    }
    step.agree(&mut known.agreed);
    let mut paths: Vec<_> = known.here.values().map(|at| &at.path).collect();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), known.here.len(), "two at one path after {step:?}");
}

fn file_id_of(number: u8) -> Item {
    file(100 + number)
}

/// Does the steps, and looks that nothing is left to do afterwards.
fn settle(mut known: Known) -> (Plan, List) {
    let first = plan(&known);
    let mut fresh = 0;
    for _ in 0..4 {
        for step in plan(&known) {
            take(&mut known, &step, &mut fresh);
        }
    }
    assert_eq!(plan(&known), [], "it does not settle");
    assert_eq!(known.here, known.there);
    (first, known.here)
}

#[test]
fn what_was_added_on_one_side_is_added_on_the_other() {
    let (steps, _) = settle(known(&[(1, "a.tex")], &[], &[(2, "b.tex")]));
    let come = Step::AddHere { item: text(2), at: at("b.tex"), there: None };
    let go = Step::PutThere { item: text(1), at: at("a.tex"), replaces: None };
    assert_eq!(steps, [come, go]);
    let (steps, _) = settle(known_files(&[(1, "a.png", "A")], &[], &[(2, "b.png", "B")]));
    let come = Step::AddHere { item: file(2), at: holding("b.png", "B"), there: None };
    let go = Step::PutThere { item: file(1), at: holding("a.png", "A"), replaces: None };
    assert_eq!(steps, [come, go]);
}

#[test]
fn what_was_moved_or_removed_on_one_side_is_on_the_other() {
    let before = [(1, "a.tex"), (2, "b.tex"), (3, "c.tex"), (4, "d.tex")];
    let here = [(1, "a2.tex"), (2, "b.tex"), (4, "d.tex")];
    let there = [(1, "a.tex"), (2, "b2.tex"), (3, "c.tex")];
    let (steps, after) = settle(known(&here, &before, &there));
    assert_eq!(steps[0], Step::RemoveHere(text(4), path("d.tex")));
    assert!(steps.contains(&Step::DeleteThere(text(3))));
    assert_eq!(after, list(&[(1, "a2.tex"), (2, "b2.tex")]));
}

#[test]
fn what_was_replaced_on_one_side_is_on_the_other() {
    let before = [(1, "a.png", "1"), (2, "b.png", "1")];
    let here = [(1, "a.png", "2"), (2, "b.png", "1")];
    let there = [(1, "a.png", "1"), (2, "b.png", "3")];
    let (steps, after) = settle(known_files(&here, &before, &there));
    let (from, to) = (Some(hash("1")), hash("3"));
    let come = Step::TakeHere { file: file_id(2), path: path("b.png"), from, to, keep: None };
    let replaces = Some(hash("1"));
    let go = Step::PutThere { item: file(1), at: holding("a.png", "2"), replaces };
    assert_eq!(steps, [come, go]);
    assert_eq!(after, files(&[(1, "a.png", "2"), (2, "b.png", "3")]));
}

#[test]
fn of_a_file_that_both_replaced_both_are_kept() {
    let before = [(1, "fig/a.png", "1")];
    let mut known = known_files(&[(1, "fig/a.png", "2")], &before, &[(1, "fig/a.png", "3")]);
    known.others_here.insert(path("fig/a-conflict.png"));
    let (_, after) = settle(known);
    assert_eq!(
        after,
        [(file(1), holding("fig/a.png", "3")), (file(101), holding("fig/a-conflict-2.png", "2"))]
            .into()
    );
}

#[test]
fn a_file_that_was_moved_here_and_replaced_there_is_both() {
    let (steps, after) =
        settle(known_files(&[(1, "b.png", "1")], &[(1, "a.png", "1")], &[(1, "a.png", "2")]));
    assert_eq!(steps.len(), 2);
    assert_eq!(after, files(&[(1, "b.png", "2")]));
    let (_, after) =
        settle(known_files(&[(1, "a.png", "2")], &[(1, "a.png", "1")], &[(1, "b.png", "1")]));
    assert_eq!(after, files(&[(1, "b.png", "2")]));
}

/// Who removed it has not seen what it holds now.
#[test]
fn a_file_that_one_removed_and_another_replaced_stays() {
    let before = [(1, "a.png", "1"), (2, "b.tex", "1")];
    let (_, after) =
        settle(known_files(&[(2, "b.tex", "1")], &before, &[(1, "a.png", "2"), (2, "b.tex", "1")]));
    assert_eq!(after, files(&[(1, "a.png", "2"), (2, "b.tex", "1")]));
    let (_, after) =
        settle(known_files(&[(1, "a.png", "2"), (2, "b.tex", "1")], &before, &[(2, "b.tex", "1")]));
    assert_eq!(after, files(&[(1, "a.png", "2"), (2, "b.tex", "1")]));
}

/// As when the answer was lost, or both opened the same folder.
#[test]
fn the_same_file_that_both_have_made_is_one() {
    let (steps, after) = settle(known_files(&[(1, "a.png", "1")], &[], &[(2, "a.png", "1")]));
    let adopt = Step::Adopt { ours: file_id(1), theirs: file_id(2), at: holding("a.png", "1") };
    assert_eq!(steps, [adopt]);
    assert_eq!(after, files(&[(2, "a.png", "1")]));
    let (steps, after) = settle(known_files(&[(1, "a.png", "1")], &[], &[(2, "a.png", "2")]));
    assert_eq!(steps[0], Step::StepAside(file(1), path("a.png"), path("a-2.png")));
    assert_eq!(after, files(&[(1, "a-2.png", "1"), (2, "a.png", "2")]));
}

#[test]
fn a_text_that_became_a_picture_is_one_for_both() {
    let mut before = list(&[(1, "data")]);
    before.extend(list(&[(2, "main.tex")]));
    let mut here = files(&[(3, "data", "\0")]);
    here.extend(list(&[(2, "main.tex")]));
    let (steps, after) = settle(known_of(here.clone(), before.clone(), before.clone()));
    let put = Step::PutThere { item: file(3), at: holding("data", "\0"), replaces: None };
    assert_eq!(steps, [Step::DeleteThere(text(1)), put]);
    assert_eq!(after, here);
    let (steps, after) = settle(known_of(before.clone(), before, here.clone()));
    assert_eq!(steps[0], Step::RemoveHere(text(1), path("data")));
    assert_eq!(after, here);
}

#[test]
fn of_two_new_texts_with_one_name_ours_steps_aside() {
    let (steps, after) = settle(known(&[(1, "intro.tex")], &[], &[(2, "Intro.tex")]));
    assert_eq!(steps[0], Step::StepAside(text(1), path("intro.tex"), path("intro-2.tex")));
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
fn a_text_comes_beside_a_file_of_its_name_that_is_not_shared() {
    let mut known = known(&[], &[], &[(1, "fig")]);
    known.others_here.insert(path("fig/a.log"));
    let (steps, _) = settle(known);
    let beside = Step::AddHere { item: text(1), at: at("fig-2"), there: Some(path("fig")) };
    assert_eq!(steps, [beside]);
}

#[test]
fn who_may_not_write_changes_nothing_there() {
    let mut known = known(&[(1, "a.tex")], &[(2, "b.tex")], &[(2, "b.tex")]);
    known.may_write = false;
    assert_eq!(plan(&known), []);
    let mut known = known_files(&[(1, "a.png", "2")], &[(1, "a.png", "1")], &[(1, "a.png", "1")]);
    known.may_write = false;
    assert_eq!(plan(&known), []);
}

/// As when the disk with the folder was taken out.
#[test]
fn when_everything_is_gone_here_nothing_is_removed_there() {
    assert_eq!(plan(&known(&[], &[(1, "a.tex")], &[(1, "a.tex")])), []);
}

#[test]
fn what_was_agreed_is_read_back_as_it_was_written() {
    let mut agreed = list(&[(1, "a.tex")]);
    agreed.extend(files(&[(2, "b.png", "B")]));
    let written = serde_json::to_value(&agreed).unwrap();
    assert_eq!(written["01010101010101010101010101010101"], "a.tex");
    assert_eq!(serde_json::from_value::<Agreed>(written).unwrap(), agreed);
    let strange = serde_json::json!({ "file 01010101010101010101010101010101": { "path": "../a", "hash": "00" } });
    assert!(serde_json::from_value::<Agreed>(strange).is_err());
}

#[test]
fn any_two_lists_settle() {
    let names = ["a.tex", "A.tex", "b.tex", "b/c.tex", "d.png"];
    for seed in 0..6000 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut draw = || {
            let mut list = List::new();
            for number in 1..6 {
                let path = path(names[random.usize(..names.len())]);
                let is_free = !list.values().any(|other: &At| clash(&other.path, &path));
                if random.bool() && is_free {
                    let (item, holds) = match number {
                        1..3 => (text(number), None),
                        _ => (file(number), Some(hash(random.choice(["1", "2", "3"]).unwrap()))),
                    };
                    list.insert(item, At { path, holds });
                }
            }
            list
        };
        let (here, agreed, there) = (draw(), draw(), draw());
        if here.is_empty() {
            continue;
        }
        println!("seed {seed}: {here:?}, {agreed:?}, {there:?}");
        settle(known_of(here, agreed, there));
    }
}
