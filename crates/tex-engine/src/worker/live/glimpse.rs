//! A glimpse of the page with the edit: where the paragraph ends, a copy of the run ships what there is of its page.
//! What follows on the page may take TeX long: drawings.

use super::{adopt, end, fork, spare, with_live};
use crate::{
    live::{Change, GLIMPSE_BASELINE, GLIMPSE_END},
    worker::{files::Files, globals},
};
use serde_bytes::ByteBuf;
use std::{cell::RefCell, rc::Rc};

/// How it stands with the glimpse of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Glimpse {
    /// It is not wanted, or was taken.
    #[default]
    None,
    /// It is to be taken at the end of the paragraph with the edit.
    Wanted,
    /// This process is the copy that takes it.
    Taking,
}

/// The engine is about to read a line of a source.
pub(super) fn at_line_start(files: &Rc<RefCell<Files>>, name: &str, start: usize) {
    match with_live(files, |live| live.glimpse) {
        Glimpse::None => return,
        Glimpse::Wanted => {}
        // The break has only ended a column.
        Glimpse::Taking => end(),
    }
    if !with_live(files, |live| live.is_past_focus()) || !globals::is_between_paragraphs() {
        return;
    }
    let Some(channel) = spare(files) else { return };
    if fork() {
        with_live(files, |live| live.glimpse = Glimpse::None);
        return;
    }
    adopt(files, channel, Vec::new());
    let depth = globals::depth_above();
    let break_page = format!(
        "\\special{{{GLIMPSE_END}}}\\kern{}sp\\special{{{GLIMPSE_BASELINE}}}\\vfil\\penalty-10000 \n",
        -i64::from(depth)
    );
    let mut files = files.borrow_mut();
    files.change(&Change {
        name: name.to_owned(),
        start: start as u64,
        removed: 0,
        inserted: ByteBuf::from(break_page),
    });
    if let Some(live) = &mut files.live {
        // Whoever reads it looks again.
        live.version += 1;
        live.glimpse = Glimpse::Taking;
    }
}
