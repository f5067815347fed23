//! Random operations on the store and on a model that is too simple to be wrong.

use crate::{Fixture, Random, file, id, seed};
use quire_project::{DocumentId, FileId, ProjectId, ProjectPath, UnixMs};
use quire_store::{CaseClash, NewFile, StoreError};
use std::collections::BTreeMap;

struct Modelled {
    path: String,
    trashed: bool,
    log: Vec<Vec<u8>>,
    snapshots: Vec<u64>,
}

#[derive(Default)]
struct Model {
    files: BTreeMap<u8, Modelled>,
}

impl Model {
    /// What `check_path` is to say: no file in the tree may have the path, be above or below it.
    fn is_free(&self, path: &str, own: &[u8]) -> bool {
        let path = path.to_lowercase();
        self.files.iter().filter(|(id, file)| !file.trashed && !own.contains(id)).all(
            |(_, file)| {
                let other = file.path.to_lowercase();
                let below = |a: &str, b: &str| a.starts_with(&format!("{b}/"));
                other != path && !below(&other, &path) && !below(&path, &other)
            },
        )
    }

    fn below(&self, folder: &str) -> Vec<u8> {
        let below = |file: &Modelled| file.path.starts_with(&format!("{folder}/"));
        let inside = self.files.iter().filter(|(_, file)| !file.trashed && below(file));
        inside.map(|(id, _)| *id).collect()
    }
}

fn name(random: &mut Random) -> &'static str {
    ["a", "b", "A", "ä", "c.tex", "C.tex", "a0"][random.below(7)]
}

fn path(random: &mut Random) -> String {
    let depth = 1 + random.below(3);
    (0..depth).map(|_| name(random)).collect::<Vec<_>>().join("/")
}

#[test]
fn random_operations_agree_with_a_model() {
    let mut random = Random(seed());
    let (mut fixture, mut model) = (Fixture::with_project(), Model::default());
    for step in 0..1500 {
        let agrees = operate(&fixture, &mut model, &mut random, step);
        assert!(agrees.is_ok(), "step {step}: {}", agrees.unwrap_err());
        if random.below(100) == 0 {
            fixture.reopen();
        }
        if step % 50 == 0 {
            compare(&fixture, &model);
        }
    }
    compare(&fixture, &model);
    assert_eq!(fixture.store().check(), Ok(Vec::new()));
}

/// One operation on both; what they disagree on.
fn operate(
    fixture: &Fixture,
    model: &mut Model,
    random: &mut Random,
    step: i64,
) -> Result<(), String> {
    let (number, to) = (u8::try_from(random.below(40)).unwrap(), path(random));
    let (now, at) = (UnixMs(step), ProjectPath::new(&to).unwrap());
    let (clash, project) = (CaseClash::Refuse, ProjectId(id(1)));
    let (file_id, document) = (FileId(id(number)), DocumentId(id(number)));
    let store = fixture.store();
    let (in_tree, in_trash) =
        model.files.get(&number).map_or((false, false), |file| (!file.trashed, file.trashed));
    let outcome = |what: &str, expected: bool, result: Result<(), StoreError>| {
        let told = format!("{what} {number} `{to}`: model {expected}, store {result:?}");
        if result.is_ok() == expected { Ok(expected) } else { Err(told) }
    };
    match random.below(8) {
        0 | 1 => {
            let new = NewFile { path: at, ..file(number, "x") };
            let free = !in_tree && !in_trash && model.is_free(&to, &[]);
            let result =
                store.write(move |tx| tx.create_text_file(&new, document, b"seed", "Ada", now));
            if outcome("create", free, result)? {
                let log = vec![b"seed".to_vec()];
                let new = Modelled { path: to, trashed: false, log, snapshots: Vec::new() };
                model.files.insert(number, new);
            }
        }
        2 => {
            let free = in_tree && model.is_free(&to, &[number]);
            let result = store.write(move |tx| tx.move_file(file_id, &at, now, clash));
            if outcome("move", free, result)? {
                model.files.get_mut(&number).unwrap().path = to;
            }
        }
        3 => {
            let from = path(random);
            let inside = model.below(&from);
            let target = |file: &Modelled| format!("{to}{}", &file.path[from.len()..]);
            let free = !inside.is_empty()
                && !to.starts_with(&format!("{from}/"))
                && inside.iter().all(|id| model.is_free(&target(&model.files[id]), &inside));
            let folder = ProjectPath::new(&from).unwrap();
            let result =
                store.write(move |tx| tx.move_folder(project, &folder, &at, now, clash).map(drop));
            if outcome(&format!("move folder `{from}`"), free, result)? {
                for id in inside {
                    let path = target(&model.files[&id]);
                    model.files.get_mut(&id).unwrap().path = path;
                }
            }
        }
        4 => {
            let result = store.write(move |tx| tx.trash_file(file_id, now));
            if outcome("trash", in_tree, result)? {
                model.files.get_mut(&number).unwrap().trashed = true;
            }
        }
        5 => {
            let free = in_trash && model.is_free(&model.files[&number].path, &[]);
            let result = store.write(move |tx| tx.restore_file(file_id, None, now, clash));
            if outcome("restore", free, result)? {
                model.files.get_mut(&number).unwrap().trashed = false;
            }
        }
        6 if random.below(3) == 0 => {
            let result = store.write(move |tx| tx.delete_file(file_id, now));
            if outcome("delete", in_trash, result)? {
                model.files.remove(&number);
            }
        }
        _ => {
            let payload = step.to_be_bytes().to_vec();
            let appended = store.append(document, payload.clone(), "Ada", now).wait();
            let result = appended.as_ref().map(|_| ()).map_err(Clone::clone);
            if outcome("append", in_tree || in_trash, result)? {
                let log = &mut model.files.get_mut(&number).unwrap();
                log.log.push(payload);
                let seq = appended.unwrap();
                if seq.0 != log.log.len() as u64 {
                    return Err(format!("append {number}: {seq:?}"));
                }
                if random.below(5) == 0 {
                    log.snapshots.push(seq.0);
                    let state = seq.0.to_be_bytes();
                    store.write(move |tx| tx.add_snapshot(document, seq, &state, now)).unwrap();
                }
            }
        }
    }
    Ok(())
}

fn compare(fixture: &Fixture, model: &Model) {
    let mut tree: Vec<&str> =
        model.files.values().filter(|file| !file.trashed).map(|file| file.path.as_str()).collect();
    tree.sort_unstable();
    assert_eq!(fixture.paths(), tree);
    let trash = fixture.read(|tx| tx.trash(ProjectId(id(1))));
    assert_eq!(trash.len(), model.files.values().filter(|file| file.trashed).count());
    for (number, file) in &model.files {
        let loaded = fixture.read(|tx| tx.load(DocumentId(id(*number))));
        let through = file.snapshots.last().copied().unwrap_or(0);
        assert_eq!(loaded.snapshot.as_ref().map_or(0, |snapshot| snapshot.through.0), through);
        let updates: Vec<Vec<u8>> =
            loaded.updates.into_iter().map(|update| update.payload).collect();
        assert_eq!(updates, file.log[usize::try_from(through).unwrap()..]);
    }
}
