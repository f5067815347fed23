//! What latexmk and TeX print while they run: passes with their reasons, pages, helper programs.

use super::super::{EngineChoice, Event, PassReport};
use std::time::{Duration, Instant};

/// Longer lines are TeX's, of which only the page numbers matter.
const MAX_LINE: usize = 4096;
/// Files that are named as the reason of a pass.
const MAX_NAMED: usize = 3;

/// Reads what is printed, as it comes.
pub(super) struct Progress {
    /// How latexmk calls a pass: by the engine's name.
    rule: &'static str,
    line: Vec<u8>,
    /// Digits of a page number that is being printed; `None` outside of one.
    number: Option<usize>,
    in_pass: bool,
    /// Of the rule that is next.
    changed: Vec<String>,
    /// Within latexmk's list of these.
    lists_changes: bool,
    passes: Vec<(PassReport, Instant)>,
    /// Helper programs so far, by latexmk's names of them.
    pub(super) helpers: Vec<String>,
}

impl Progress {
    pub(super) fn new(engine: EngineChoice) -> Self {
        Self {
            rule: engine.name(),
            line: Vec::new(),
            number: None,
            in_pass: false,
            changed: Vec::new(),
            lists_changes: false,
            passes: Vec::new(),
            helpers: Vec::new(),
        }
    }

    /// The passes, once all has ended.
    pub(super) fn passes(&self, wall: Duration) -> Vec<PassReport> {
        let ends = self.passes.iter().skip(1).map(|(_, begin)| Some(*begin)).chain([None]);
        let timed = self.passes.iter().zip(ends).map(|((pass, begin), end)| PassReport {
            wall: end.map_or_else(|| begin.elapsed(), |end| end - *begin).min(wall),
            ..pass.clone()
        });
        timed.collect()
    }

    /// Take what was printed.
    pub(super) fn read(&mut self, printed: &[u8], events: &mut dyn FnMut(Event)) {
        for byte in printed {
            if self.in_pass {
                self.mark(*byte, events);
            }
            match byte {
                b'\n' => {
                    let line = std::mem::take(&mut self.line);
                    self.whole_line(&String::from_utf8_lossy(&line), events);
                }
                _ if self.line.len() < MAX_LINE => self.line.push(*byte),
                _ => {}
            }
        }
    }

    /// `[12]`, `[12 <a.png>]`, `[12{x.map}`: a page was shipped out.
    fn mark(&mut self, byte: u8, events: &mut dyn FnMut(Event)) {
        match (byte, self.number) {
            (b'[', _) => self.number = Some(0),
            (b'0'..=b'9', Some(digits)) => self.number = Some(digits + 1),
            (b']' | b' ' | b'<' | b'{' | b'\n' | b'.', Some(1..)) => {
                self.number = None;
                let pass = u32::try_from(self.passes.len()).unwrap_or(u32::MAX);
                if let Some((report, _)) = self.passes.last_mut() {
                    report.pages += 1;
                    events(Event::Page { pass, page: report.pages });
                }
            }
            _ => self.number = None,
        }
    }

    fn whole_line(&mut self, line: &str, events: &mut dyn FnMut(Event)) {
        let rule = line.strip_prefix("Run number ").and_then(|rest| rest.split_once(" of rule '"));
        if let Some(rule) = rule.and_then(|(_, rule)| rule.strip_suffix('\'')) {
            self.begin(rule, events);
        } else if line.starts_with("Rule '") {
            self.changed.clear();
        } else if line.starts_with("Changed files") {
            self.lists_changes = true;
        } else if let Some(name) = line.strip_prefix("  ").filter(|_| self.lists_changes) {
            let plain = name.rsplit('/').next().unwrap_or(name);
            self.changed.push(plain.to_owned());
        } else {
            self.lists_changes = false;
        }
    }

    /// A pass begins that latexmk does not tell of, as it is not there.
    pub(super) fn pass(&mut self, reason: String, events: &mut dyn FnMut(Event)) {
        self.line.clear();
        self.number = None;
        self.in_pass = true;
        let pass = u32::try_from(self.passes.len() + 1).unwrap_or(u32::MAX);
        events(Event::Pass { pass, reason: reason.clone() });
        let report = PassReport {
            reason,
            pages: 0,
            wall: Duration::ZERO,
            helpers: Vec::new(),
            is_live: false,
        };
        self.passes.push((report, Instant::now()));
        self.changed.clear();
    }

    /// What is printed from now on is no pass of TeX.
    pub(super) fn silent(&mut self) {
        self.in_pass = false;
    }

    fn begin(&mut self, rule: &str, events: &mut dyn FnMut(Event)) {
        if rule == self.rule {
            return self.pass(self.reason(), events);
        }
        self.in_pass = false;
        if rule == "xdvipdfmx" {
            events(Event::WritingPdf);
        } else {
            let name = helper_name(rule);
            if let Some((pass, _)) = self.passes.last_mut() {
                pass.helpers.push(name.clone());
            }
            self.helpers.push(name.clone());
            events(Event::Helper { name });
        }
        self.changed.clear();
    }

    fn reason(&self) -> String {
        match self.changed.len() {
            0 if self.passes.is_empty() => "first build".to_owned(),
            0 => "references may have changed".to_owned(),
            count => {
                let named = self.changed[..count.min(MAX_NAMED)].join(", ");
                let more = count.saturating_sub(MAX_NAMED);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                format!("{named}{more} changed")
            }
        }
    }
}

/// latexmk's `cusdep glo gls main` is a run of makeglossaries; its other names are words already.
fn helper_name(rule: &str) -> String {
    let Some(rest) = rule.strip_prefix("cusdep ") else { return rule.to_owned() };
    let mut words = rest.splitn(3, ' ');
    let program = match words.next() {
        Some("glo" | "acn" | "slo") => "makeglossaries",
        _ => "makeindex",
    };
    format!("{program} {}", words.nth(1).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "Rc files read:\n  NONE\nLatexmk: This is Latexmk\n\
        Rule 'pdflatex':  Reasons for rerun\nCategory 'other':\n  Rerun of 'pdflatex' forced:\n\
        ------------\nRun number 1 of rule 'pdflatex'\n------------\n\
        This is pdfTeX [not a page] (./main.tex [1{/var/lib/x.map}] [2 <./a.png>]\n[3])\n\
        Rule 'biber main':  Reasons for rerun\nRun number 1 of rule 'biber main'\n[1] INFO\n\
        Run number 1 of rule 'cusdep glo gls main'\n\
        Rule 'pdflatex':  Reasons for rerun\nChanged files or newly in use/created:\n  main.aux\n  /build/work/main.bbl\n\n\
        Run number 2 of rule 'pdflatex'\n[1][2]\n";

    #[test]
    fn passes_pages_and_programs_are_told_as_they_come() {
        // However the bytes are cut.
        for size in [1, 7, 10_000] {
            let mut progress = Progress::new(EngineChoice::PdfLatex);
            let mut told = Vec::new();
            for piece in PRINTED.as_bytes().chunks(size) {
                progress.read(piece, &mut |event| told.push(event));
            }
            let pass = |pass, reason: &str| Event::Pass { pass, reason: reason.to_owned() };
            let page = |pass, page| Event::Page { pass, page };
            let helper = |name: &str| Event::Helper { name: name.to_owned() };
            let expected = [
                pass(1, "first build"),
                page(1, 1),
                page(1, 2),
                page(1, 3),
                helper("biber main"),
                helper("makeglossaries main"),
                pass(2, "main.aux, main.bbl changed"),
                page(2, 1),
                page(2, 2),
            ];
            assert_eq!(told, expected);
            let passes = progress.passes(Duration::from_secs(9));
            assert_eq!(passes[0].helpers, ["biber main", "makeglossaries main"]);
            assert_eq!((passes[0].pages, passes[1].pages), (3, 2));
        }
    }
}
