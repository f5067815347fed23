//! A run that is put together: what it has written by a known state, and behind that what an earlier run wrote from
//! there on. What comes of it is, byte for byte, what it would have written itself.
//!
//! Files that the document writes (`.aux`, `.toc` …) were equal in that state, so they are those of the earlier run.
//! The log, the XDV and the SyncTeX file were not, and what is behind points or counts back into what is before.

mod log;
mod synctex;
mod xdv;

use crate::{
    live::Earlier,
    report::{EngineMessage, LogMark, ReadFile, TexReport},
    worker::runs::MESSAGE_LIMIT,
};

/// What a run has written and told by now.
pub(super) struct Begun {
    pub(super) job_name: String,
    pub(super) log: Vec<u8>,
    pub(super) marks: Vec<LogMark>,
    pub(super) messages: Vec<EngineMessage>,
    pub(super) reads: Vec<ReadFile>,
    /// To the end of the last page.
    pub(super) xdv: Vec<u8>,
    /// Where its last page begins.
    pub(super) last_page: usize,
    pub(super) pages: usize,
}

/// A run as it would have ended.
pub(super) struct Whole {
    /// Without the list of its outputs.
    pub(super) report: TexReport,
    pub(super) outputs: Vec<(String, Vec<u8>)>,
}

/// Put together; `None` when that cannot be done to the byte. `synctex` makes the SyncTeX file of the earlier one, and
/// is asked last.
pub(super) fn whole(
    begun: Begun,
    earlier: Earlier,
    synctex: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Option<Whole> {
    let Earlier { report, outputs, at } = earlier;
    let later = usize::try_from(at.messages).ok().and_then(|from| report.messages.get(from..))?;
    let messages: Vec<EngineMessage> = begun.messages.iter().chain(later).cloned().collect();
    if messages.len().max(report.messages.len()) >= MESSAGE_LIMIT {
        return None;
    }
    // Both have looked for the same names by then.
    let later = report.reads.get(begun.reads.len()..)?;
    let reads: Vec<ReadFile> = begun.reads.iter().chain(later).cloned().collect();

    let of_job = |extension: &str| format!("{}.{extension}", begun.job_name);
    let names: Vec<String> = report.outputs.iter().map(|output| output.name.clone()).collect();
    let output = |name: &str| {
        let index = names.iter().position(|known| known == name)?;
        outputs.get(index).map(|bytes| bytes.as_slice())
    };
    let xdv = xdv::joined(&begun.xdv, begun.last_page, output(&of_job("xdv"))?, begun.pages)?;
    let told = log::Told { log: &begun.log, marks: &begun.marks };
    let earlier = log::Told { log: output(&of_job("log"))?, marks: &report.marks };
    let (log, marks) = log::joined(&told, &earlier, usize::try_from(at.log).ok()?, xdv.len())?;

    let mut whole = Vec::new();
    for (name, bytes) in names.iter().zip(&outputs) {
        let bytes = match name {
            name if *name == of_job("log") => log.clone(),
            name if *name == of_job("xdv") => xdv.clone(),
            name if *name == of_job("synctex.gz") => synctex(bytes)?,
            _ => bytes.to_vec(),
        };
        whole.push((name.clone(), bytes));
    }
    let report = TexReport { log, marks, messages, reads, outputs: Vec::new(), ..report };
    Some(Whole { report, outputs: whole })
}

/// What a run's SyncTeX file says once it is put together: of its own text by now, and the earlier one's.
pub(super) fn synctex_text(begun: &[u8], earlier: &[u8], pages: usize) -> Option<Vec<u8>> {
    synctex::joined(begun, earlier, pages)
}
