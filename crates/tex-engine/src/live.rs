//! What a live run is told and tells: copies of the engine that sleep at line starts of the sources, and
//! go on from there with other text.

use crate::report::TexReport;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use std::{collections::BTreeMap, time::Duration};

/// How far a run has read a file, in bytes; [`READ_WHOLE`] when its end or its size was seen.
pub type ReadTo = BTreeMap<String, u64>;

/// The mark of a file whose every byte matters: a picture, a font, a text whose size was asked for.
pub const READ_WHOLE: u64 = u64::MAX;

/// A sleeping copy of the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asleep {
    /// Its process.
    pub pid: u32,
    /// Pages shipped before it.
    pub pages: u32,
    /// Pages that its run had told by then; the last ones may still be in the engine's buffer.
    pub told: u32,
    /// For each file of the project or of an earlier pass that its run has opened, by the name that the
    /// engine asked for, the offset before which every byte may have mattered. Any change behind it can
    /// still be made.
    pub read_to: ReadTo,
    /// Names that the run has looked for there in vain.
    pub absent: Vec<String>,
}

/// Wakes a copy of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// How the files differ from those the snapshot knows.
    pub changes: Vec<Change>,
    /// Files of an earlier pass that it does not know.
    pub generated: Vec<(String, ByteBuf)>,
    /// Where the author writes: a snapshot is taken on the way at the last line start before it.
    pub focus: Option<Focus>,
    /// Once the first page behind the focus is shipped the run stands still for so long, unless it is told to go
    /// on: who shows that page needs the processor more.
    pub hold: Duration,
    /// States from which the rest is known already: who comes to one of them, once the page with the edit is shipped,
    /// stands still there until it is told what to do about it.
    pub rest: Vec<State>,
    /// Where the paragraph with the focus ends, a copy ships what there is of its page, over a channel for snapshots:
    /// up to the special [`GLIMPSE_END`] it is that page, if TeX does not stretch it, and nothing follows.
    pub is_glimpse_wanted: bool,
}

/// The special at the end of what a glimpse shows of a page.
pub const GLIMPSE_END: &str = "quire:end";

/// Stands right behind it, as much higher as the last line is deep: what follows stands where it stood as long as this
/// does.
pub const GLIMPSE_BASELINE: &str = "quire:baseline";

/// One change of a file that a snapshot has read in part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The name as the engine asked for it.
    pub name: String,
    /// From this byte on …
    pub start: u64,
    /// … so many bytes are replaced …
    pub removed: u64,
    /// … by these.
    pub inserted: ByteBuf,
}

/// What the state of the engine means at a line start between paragraphs: where another run of the same document
/// comes to the same state, and reads the same from there on, its rest is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The file that is read, as the engine asked for it.
    pub name: String,
    /// Bytes from here to its end.
    pub from_end: u64,
    /// Pages shipped before it.
    pub pages: u32,
    /// A digest of all that the rest depends on.
    pub fingerprint: u128,
    /// How far the run was: two that come to the same state have not come there with the same words.
    pub so_far: SoFar,
}

impl State {
    /// Whether two runs go on alike from here.
    pub fn is(&self, other: &Self) -> bool {
        let so_far = self.so_far;
        *self == Self { so_far, ..other.clone() }
    }
}

/// How much a run has told by some moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoFar {
    /// Bytes of the log.
    pub log: u64,
    /// Messages of the engine.
    pub messages: u64,
}

/// A run that came to its end, of which another takes the rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Earlier {
    /// What it reported.
    pub report: TexReport,
    /// Bytes of the outputs that the report names, in its order.
    pub outputs: Vec<ByteBuf>,
    /// How far it was in the state that the other has come to.
    pub at: SoFar,
}

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Focus {
    /// The name as the engine asked for it.
    pub name: String,
    /// Offset in bytes.
    pub offset: u64,
}

/// A page, as it was shipped out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippedPage {
    /// Counted from one.
    pub number: u32,
    /// The XDV preamble.
    pub preamble: ByteBuf,
    /// The page in XDV, from `bop` to `eop`.
    pub xdv: ByteBuf,
    /// Whether the run has read beyond the focus.
    pub is_past_focus: bool,
    /// Errors of the run so far.
    pub errors: u32,
    /// Groups that were open when it was shipped.
    pub open_groups: u16,
}

/// Files that TeX writes for its own next pass. They are never taken from the author's folder: they
/// may stem from another engine or another year.
pub fn is_state_file(name: &str, job_name: &str) -> bool {
    const OF_THE_JOB: [&str; 17] = [
        "out", "toc", "lof", "lot", "lol", "loa", "nav", "snm", "vrb", "bcf", "run.xml", "idx",
        "glo", "acn", "xdv", "log", "synctex",
    ];
    if name.ends_with(".aux") {
        return true;
    }
    name.strip_prefix(job_name)
        .and_then(|rest| rest.strip_prefix('.'))
        .is_some_and(|extension| OF_THE_JOB.contains(&extension))
}

#[cfg(test)]
mod tests {
    use super::is_state_file;

    #[test]
    fn only_tex_own_state_is_hidden() {
        assert!(is_state_file("paper.toc", "paper"));
        assert!(is_state_file("chapters/one.aux", "paper"));
        assert!(!is_state_file("data.out", "paper"));
        assert!(!is_state_file("paper.bbl", "paper"));
        assert!(!is_state_file("paper.tex", "paper"));
    }
}
