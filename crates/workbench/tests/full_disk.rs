//! A disk that is full: what was typed stays, it is said, and is saved when there is room again.

#![allow(clippy::unwrap_used)]

mod support;

use quire_collab::Change;
use quire_project::ProjectPath;
use quire_store::{Options, Store};
use quire_workbench::{Event, SaveState, Workbench};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use support::config;

#[test]
fn what_a_full_disk_does_not_take_is_kept_told_and_saved_later() {
    let temp = tempfile::tempdir().unwrap();
    let config = config(temp.path());
    let store = Store::open(&config.database(), &Options::default()).unwrap();
    let workbench = Workbench::start(config.clone(), store).unwrap();
    let states = Arc::new(Mutex::new(Vec::new()));
    let told = states.clone();
    workbench
        .listen(move |event| {
            if let Event::Saving { state, .. } = event {
                told.lock().unwrap().push(state.clone());
            }
            true
        })
        .unwrap();
    let main = ProjectPath::new("main.tex").unwrap();
    let files = vec![(main.clone(), b"begin\n".to_vec())];
    let id = workbench.create_project("Paper", files, Some(&main)).unwrap();
    workbench.open_project(id).unwrap();
    let append = |text: String| {
        let at = u32::try_from(workbench.text(id, main.clone()).unwrap().len()).unwrap();
        let change = Change { at, removed: 0, inserted: text };
        workbench.edit(id, main.clone(), vec![change]).unwrap();
    };
    let until = |what: &str, holds: &dyn Fn(&[SaveState]) -> bool| {
        let start = Instant::now();
        while !holds(&states.lock().unwrap()) {
            assert!(start.elapsed() < Duration::from_secs(20), "waited in vain: {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    workbench.limit_database(Some(400_000)).unwrap();
    for number in 0..60 {
        append(format!("{number} {}\n", "x".repeat(10_000)));
    }
    append("the last line\n".to_owned());
    let failed = |state: &SaveState| matches!(state, SaveState::Failed { reason } if reason.contains("no space"));
    until("it is said", &|states| states.last().is_some_and(failed));
    let text = workbench.text(id, main.clone()).unwrap();
    assert!(text.ends_with("the last line\n"), "nothing typed is gone");
    workbench.limit_database(None).unwrap();
    until("it is saved", &|states| states.last() == Some(&SaveState::Saved));
    workbench.close();
    let workbench = Workbench::open(config).unwrap().workbench;
    workbench.open_project(id).unwrap();
    assert_eq!(workbench.text(id, main).unwrap(), text);
}
