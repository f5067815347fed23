use crate::{Fixture, id};
use quire_project::{ContentHash, FileId};
use quire_store::{DiskState, Seq};

#[test]
fn the_last_states_of_a_file_are_remembered_and_go_with_it() {
    let mut fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    let state = |n: u8| DiskState { seq: Seq(n.into()), hash: ContentHash([n; 32]) };
    for n in 1..=10 {
        fixture.write(move |tx| tx.remember_disk_state(FileId(id(5)), state(n)));
    }
    fixture.reopen();
    let states = fixture.read(|tx| tx.disk_states(FileId(id(5))));
    assert_eq!(states, (3..=10).rev().map(state).collect::<Vec<_>>());
    fixture.write(|tx| {
        tx.trash_file(FileId(id(5)), quire_project::UnixMs(30))?;
        tx.delete_file(FileId(id(5)), quire_project::UnixMs(31))
    });
    assert_eq!(fixture.read(|tx| tx.disk_states(FileId(id(5)))), []);
}
