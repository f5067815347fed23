//! Logs that no engine wrote: nothing panics, ranges stay inside the log, time grows with length.

use super::*;
use quire_project::MemoryFiles;
use std::time::{Duration, Instant};

const SOURCE: &str = "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\nÄ \\sectoin{A} a_b\nsee \\ref{fig:plto}\\label{fig:plot}\n\\end{document}\n";

const LOG: &str = "(./main.tex\nmain.tex:4: Undefined control sequence.\nl.4 Ä \\sectoin\n              {A} a_b\n\n\
    main.tex:4: Missing $ inserted.\n<inserted text> \n                $\nl.4 Ä \\sectoin{A} a_\n                       b\n\n\
    LaTeX Warning: Reference `fig:plto' on page 1 undefined on input line 5.\n\n\
    Overfull \\hbox (5.02pt too wide) in paragraph at lines 4--5\n[]\n\
    Missing character: There is no Ä in font cmr10!\n! Emergency stop.\nl.6 \\end{document}\n\n";

fn told(log: &[u8]) -> Vec<Diagnostic> {
    let root = ProjectPath::new("main.tex").unwrap();
    let mut files = MemoryFiles::default();
    files.insert(root.clone(), SOURCE.as_bytes());
    let index = b"\\section latex\n\\toprule booktabs\n{itemize latex\n";
    diagnose(&Evidence {
        log,
        marks: &[],
        messages: &[],
        reads: &[],
        files: &files,
        root: &root,
        inputs: std::slice::from_ref(&root),
        doubled_labels: &[],
        commands: &|| CommandIndex::parse(index),
    })
}

fn check_ranges(all: &[Diagnostic], log: &[u8], seed: u64) {
    for diagnostic in all {
        if let Some(range) = diagnostic.log {
            assert!(range.end.0 <= log.len(), "seed {seed}: {diagnostic:?}");
        }
        if let Some(range) = diagnostic.place.as_ref().and_then(|place| place.range) {
            assert!(SOURCE.get(range.as_range()).is_some(), "seed {seed}: {diagnostic:?}");
        }
        check_ranges(&diagnostic.caused, log, seed);
    }
}

#[test]
fn mutated_logs_neither_panic_nor_leave_their_bounds() {
    for seed in 1..2_000_u64 {
        let mut state = seed;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        let mut log = LOG.as_bytes().to_vec();
        for _ in 0..8 {
            let at = next(log.len());
            match next(4) {
                0 => log[at] = next(256) as u8,
                1 => drop(log.remove(at)),
                2 => log.insert(at, b"\\(l.:!\n\xc3"[next(8)]),
                _ => {
                    let to = (at + next(40)).min(log.len());
                    let piece = log[at..to].to_vec();
                    log.splice(at..at, piece);
                }
            }
        }
        check_ranges(&told(&log), &log, seed);
    }
}

#[test]
fn time_grows_with_the_length_of_the_log() {
    for (name, piece) in [
        ("errors", "main.tex:4: Missing $ inserted.\nl.4 a_\n      b\n\n"),
        ("warnings", "LaTeX Warning: Reference `N' on page 1 undefined on input line 5.\n\n"),
        ("boxes", "Overfull \\hbox (N.02pt too wide) in paragraph at lines 4--5\n"),
        ("unknown", "main.tex:4: Package foo Error: number N.\n\nl.4 a_\n      b\n\n"),
        ("parentheses", "((((((( N:1 "),
    ] {
        let mut log = String::new();
        for i in 0..40_000 {
            log.push_str(&piece.replace('N', &i.to_string()));
        }
        let start = Instant::now();
        let all = told(log.as_bytes());
        let took = start.elapsed();
        assert!(all.len() <= 2 * MAX_TOLD + 1, "{name}: {} told", all.len());
        assert!(took < Duration::from_secs(10), "{name}: {took:?}");
    }
}

#[test]
fn boxes_beyond_the_bound_are_counted() {
    let log = "Overfull \\hbox (5.02pt too wide) in paragraph at lines 4--5\n".repeat(1_200);
    let all = told(log.as_bytes());
    let last = all.last().unwrap();
    assert_eq!((last.code.as_str(), all.len()), ("more-messages", 1_001));
    assert_eq!(last.message, "200 more messages are in the log");
}

#[test]
fn a_message_broken_at_79_characters_is_whole_again() {
    let text =
        "! LaTeX Error: File `a-package-with-a-name-that-is-quite-long-indeed.sty' not found.";
    let (a, b) = text.split_at(79);
    let log = format!("(./main.tex\n{a}\n{b}\n\nl.2 \\begin\n          {{document}}\n");
    let all = told(log.as_bytes());
    assert_eq!(all[0].code, "missing-package", "{all:?}");
}
