//! When another pass of TeX is needed. A pass is a function of the sources, the bundle and the
//! generated files it reads; so a further one is needed exactly when a generated file that this one
//! read (or looked for in vain) would now be read with another effect.

use crate::aux_file::{describe_change, effect};
use quire_project::{ContentHash, Hasher};
use quire_tex_engine::{FileOrigin, ReadFile};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Generated files by name.
pub(crate) type Generated = BTreeMap<String, Arc<[u8]>>;

/// What to do after a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The result stands.
    Converged,
    /// Another pass would differ, for this reason.
    Rerun(String),
    /// The passes repeat themselves: another one would give what an earlier one gave already.
    Cycle {
        /// How many passes make the circle.
        length: usize,
        /// What keeps changing.
        reason: String,
    },
}

/// The history of one build's passes.
#[derive(Debug, Default)]
pub(crate) struct Convergence {
    /// What each pass began with, byte for byte.
    seen: Vec<ContentHash>,
}

impl Convergence {
    /// Judge a pass: `reads` is what it looked for, `before` the generated files it began with,
    /// `after` those that a next pass would begin with (helper programs have run), `log` its log.
    pub(crate) fn judge(
        &mut self,
        reads: &[ReadFile],
        before: &Generated,
        after: &Generated,
        log: &[u8],
    ) -> Verdict {
        // A document that asks for a rerun gets the benefit of the doubt: every byte counts. So it does where a
        // paragraph has begun by the time that `\begin{document}` reads the `.aux`: each line is a space in it.
        let strict = says(log, &EVERY_BYTE_COUNTS);
        let seen_effect = |name: &str, files: &Generated| {
            let bytes = files.get(name).map(|bytes| &**bytes);
            if strict { bytes.map(ContentHash::of) } else { effect(name, bytes) }
        };
        let names: BTreeSet<&str> = reads
            .iter()
            .filter(|read| depends_on_state(read))
            .map(|read| plain(&read.name))
            // logreq's notes to programs that run after TeX; nothing is typeset from them.
            .filter(|name| !name.ends_with(".run.xml"))
            .collect();
        let changed: Vec<&str> = (names.iter().copied())
            .filter(|name| seen_effect(name, before) != seen_effect(name, after))
            .collect();
        self.seen.push(fingerprint(before));
        if changed.is_empty() {
            return Verdict::Converged;
        }
        let bytes = |name: &str, files: &'_ Generated| files.get(name).cloned();
        let told: Vec<String> = (changed.iter().take(3))
            .map(|name| {
                let (before, after) = (bytes(name, before), bytes(name, after));
                describe_change(name, before.as_deref(), after.as_deref())
            })
            .collect();
        let more = changed.len() - told.len();
        let mut reason = told.join("; ");
        if more > 0 {
            reason.push_str(&format!("; and {more} more"));
        }
        let next = fingerprint(after);
        match self.seen.iter().rposition(|seen| *seen == next) {
            Some(at) => Verdict::Cycle { length: self.seen.len() - at, reason },
            None => Verdict::Rerun(reason),
        }
    }
}

/// Equal for equal names and bytes.
fn fingerprint(files: &Generated) -> ContentHash {
    let mut hasher = Hasher::default();
    for (name, bytes) in files {
        hasher.field(name.as_bytes());
        hasher.field(bytes);
    }
    hasher.finish()
}

/// Whether what the run got for this name could be a generated file.
fn depends_on_state(read: &ReadFile) -> bool {
    match read.origin {
        FileOrigin::Generated(_) | FileOrigin::Missing => true,
        // A generated file goes before the author's and the bundle's of the same name.
        FileOrigin::Project(_) | FileOrigin::Bundle => true,
        FileOrigin::Refused(_) => false,
    }
}

/// A name without a leading `./`.
pub(crate) fn plain(name: &str) -> &str {
    name.strip_prefix("./").unwrap_or(name)
}

/// LaTeX or a package says that another pass is needed; or, in the last, that a paragraph has begun in the preamble.
const EVERY_BYTE_COUNTS: [&str; 6] = [
    "Rerun to get",
    "Please rerun",
    "(re)run LaTeX",
    "Rerun LaTeX",
    "executed on wrong page",
    r"Missing \begin{document}",
];

fn says(log: &[u8], words: &[&str]) -> bool {
    let log = String::from_utf8_lossy(log);
    log.lines().any(|line| words.iter().any(|words| line.contains(words)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generated(files: &[(&str, &str)]) -> Generated {
        files.iter().map(|(name, text)| ((*name).into(), text.as_bytes().into())).collect()
    }

    fn missing(name: &str) -> ReadFile {
        ReadFile { name: name.into(), path: None, origin: FileOrigin::Missing }
    }

    const ONE: &str = "\\newlabel{a}{{1}{1}}";
    const TWO: &str = "\\newlabel{a}{{1}{2}}";

    #[test]
    fn a_first_pass_without_references_is_enough() {
        let after = generated(&[("m.aux", "\\relax \n\\gdef \\@abspage@last{1}\n")]);
        let verdict =
            Convergence::default().judge(&[missing("m.aux")], &Generated::new(), &after, b"");
        assert_eq!(verdict, Verdict::Converged);
    }

    #[test]
    fn files_that_nobody_looked_for_do_not_matter() {
        let after = generated(&[("m.toc", "x")]);
        let verdict = Convergence::default().judge(&[], &Generated::new(), &after, b"");
        assert_eq!(verdict, Verdict::Converged);
    }

    #[test]
    fn labels_settle_after_a_rerun() {
        let mut passes = Convergence::default();
        let reads = [missing("./m.aux")];
        let (none, one) = (Generated::new(), generated(&[("m.aux", ONE)]));
        assert_eq!(
            passes.judge(&reads, &none, &one, b""),
            Verdict::Rerun("m.aux is new".to_owned())
        );
        assert_eq!(passes.judge(&reads, &one, &one, b""), Verdict::Converged);
    }

    #[test]
    fn a_circle_is_seen() {
        let mut passes = Convergence::default();
        let reads = [missing("m.aux")];
        let (none, one, two) =
            (Generated::new(), generated(&[("m.aux", ONE)]), generated(&[("m.aux", TWO)]));
        assert!(matches!(passes.judge(&reads, &none, &one, b""), Verdict::Rerun(_)));
        assert!(matches!(passes.judge(&reads, &one, &two, b""), Verdict::Rerun(_)));
        let Verdict::Cycle { length, reason } = passes.judge(&reads, &two, &one, b"") else {
            panic!("no cycle");
        };
        assert_eq!((length, reason.as_str()), (2, "m.aux changed: 1 label"));
    }

    #[test]
    fn a_log_that_asks_for_a_rerun_is_believed() {
        let before = generated(&[("m.aux", "\\gdef \\@abspage@last{1}")]);
        let after = generated(&[("m.aux", "\\gdef \\@abspage@last{2}")]);
        let judge =
            |log: &[u8]| Convergence::default().judge(&[missing("m.aux")], &before, &after, log);
        assert_eq!(judge(b"ok"), Verdict::Converged);
        assert!(matches!(judge(b"(x) Rerun to get it right."), Verdict::Rerun(_)));
    }

    #[test]
    fn behind_text_each_line_of_an_aux_file_is_a_space() {
        let before = generated(&[("m.aux", "\\citation{a}\n\\citation{b}\n")]);
        let after = generated(&[("m.aux", "\\citation{a}\n")]);
        let judge =
            |log: &[u8]| Convergence::default().judge(&[missing("m.aux")], &before, &after, log);
        assert_eq!(judge(b"ok"), Verdict::Converged);
        let log = b"! LaTeX Error: Missing \\begin{document}.\n";
        assert!(matches!(judge(log), Verdict::Rerun(_)));
    }
}
