use crate::{Fixture, id};
use quire_project::{ContentHash, FileId};
use quire_store::{DiskState, Seq};

const FILE: FileId = FileId([5; 16]);

fn state(n: u8) -> DiskState {
    DiskState { seq: Seq(n.into()), hash: ContentHash([n; 32]), merged: None }
}

fn seqs(fixture: &Fixture) -> Vec<u64> {
    fixture.read(|tx| tx.disk_states(FILE)).into_iter().map(|state| state.seq.0).collect()
}

#[test]
fn what_is_planned_is_kept_beside_what_was_common_until_the_disk_has_it() {
    let mut fixture = Fixture::with_project();
    fixture.text_file(5, "main.tex").unwrap();
    fixture.text_file(6, "other.tex").unwrap();
    fixture.write(|tx| tx.agree_on_disk_state(FileId(id(6)), &state(9)));
    fixture.write(|tx| tx.agree_on_disk_state(FILE, &state(1)));
    fixture.write(|tx| tx.plan_disk_state(FILE, &state(2)));
    fixture.reopen();
    assert_eq!(fixture.read(|tx| tx.disk_states(FILE)), [state(2), state(1)]);
    fixture.write(|tx| tx.reach_disk_state(FILE, &state(2)));
    assert_eq!(seqs(&fixture), [2], "an older state is not one to come back to");
    fixture.write(|tx| tx.plan_disk_state(FILE, &state(3)));
    fixture.write(|tx| tx.forget_disk_state(FILE, &state(3)));
    assert_eq!(seqs(&fixture), [2]);
    fixture.write(|tx| tx.plan_disk_state(FILE, &state(4)));
    let merged = DiskState { merged: Some(b"state".to_vec()), ..state(0) };
    let agreed = merged.clone();
    fixture.write(move |tx| tx.agree_on_disk_state(FILE, &agreed));
    fixture.write(|tx| tx.reach_disk_state(FILE, &state(4)));
    assert_eq!(fixture.read(|tx| tx.disk_states(FILE)), [merged]);
    assert_eq!(fixture.read(|tx| tx.disk_states(FileId(id(6)))), [state(9)]);
    fixture.write(|tx| {
        tx.trash_file(FILE, quire_project::UnixMs(30))?;
        tx.delete_file(FILE, quire_project::UnixMs(31))
    });
    assert!(seqs(&fixture).is_empty());
}
