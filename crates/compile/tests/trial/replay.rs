//! A live document that is edited step by step, and compared with the oracle.

use crate::{
    clean::{self, Built, Generated, Pages, setup},
    documents::{Document, Files},
    processes,
    steps::{Change, Step, Then},
};
use quire_compile::live::{LiveDocument, LivePage};
use quire_tex_engine::TexReport;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// A run that ships nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(6);
/// A plain pass that takes so long never ends.
const HOPELESS: Duration = Duration::from_secs(12);
/// Longer than the pause after which a run catches up with the files of a build.
const PAUSE: Duration = Duration::from_millis(1700);

/// Where time goes, to be told at the end.
#[derive(Default)]
pub(crate) struct Times {
    pub(crate) live: Duration,
    pub(crate) oracle: Duration,
    pub(crate) compared: usize,
    pub(crate) built: usize,
    pub(crate) killed: usize,
    pub(crate) given_up: usize,
    /// Runs that came to where the rest was known, and such as were put together with it.
    pub(crate) known: u32,
    pub(crate) joined: u32,
}

pub(crate) struct Replay<'d> {
    document: &'d Document,
    /// Of its builds.
    folder: tempfile::TempDir,
    files: Files,
    generated: Generated,
    live: LiveDocument,
    last: Option<Box<TexReport>>,
    is_given_up: bool,
    /// No run has read the files of the last build yet.
    is_between_builds: bool,
    /// For other reasons than its text.
    may_be_given_up: bool,
    rests: u32,
    /// How often it was so the last times that it was compared.
    given_up_in_a_row: u32,
}

impl<'d> Replay<'d> {
    /// Start with the files of a build, as the application does.
    pub(crate) fn start(document: &'d Document, files: Files) -> Result<Self, String> {
        let folder = tempfile::tempdir().unwrap();
        let built = clean::build_in(folder.path(), document, &files, None);
        let built = built.ok_or("it does not build")?;
        let setup = setup(document, built.generated.clone());
        let mut live = LiveDocument::start(clean::options(), setup, files.source())
            .map_err(|error| error.to_string())?;
        live.set_patience(PATIENCE);
        live.set_hold(Duration::from_millis(5));
        let generated = built.generated;
        let mut replay = Self {
            document,
            folder,
            files,
            generated,
            live,
            last: None,
            is_given_up: false,
            is_between_builds: false,
            may_be_given_up: false,
            rests: 0,
            given_up_in_a_row: 0,
        };
        replay.settle()?;
        let plain = clean::pass(document, &replay.files, &replay.generated);
        let plain = plain.map_err(|error| error.to_string())?;
        replay.compare(&plain, "a plain pass at the start")?;
        replay
            .compare(&built.pages, "a build at the start")
            .map_err(|why| format!("{why}; {}", built.story))?;
        Ok(replay)
    }

    /// Whether its text has been such for long that no run comes to an end: nobody writes on like that.
    pub(crate) fn is_hopeless_for_long(&self) -> bool {
        self.given_up_in_a_row >= 4
    }

    /// Take one step; a difference is an error in words.
    pub(crate) fn take(&mut self, step: &Step, times: &mut Times) -> Result<(), String> {
        let start = Instant::now();
        if step.is_expected {
            self.expect(step);
        }
        let before = self.live.splices();
        self.edit(step)?;
        match step.then {
            Then::GoOn(ms) => self.step_for(Duration::from_millis(ms)),
            Then::Kill { after_ms, which } => {
                self.step_for(Duration::from_millis(after_ms));
                processes::kill_one(&self.live.processes(), which);
                times.killed += 1;
            }
            Then::Settle | Then::Pause | Then::Build => {
                self.may_be_given_up = true;
                self.settle()?;
            }
        }
        if step.then == Then::Settle {
            self.think();
        }
        times.live += start.elapsed();
        times.known += self.live.splices().known - before.known;
        times.joined += self.live.splices().joined - before.joined;
        if self.live.splices().wrong > 0 {
            return Err("the rest was not as it was known".to_owned());
        }
        match step.then {
            Then::GoOn(_) | Then::Kill { .. } => return Ok(()),
            Then::Build => {
                // Where no run comes to its end no build does.
                if !self.is_given_up {
                    self.build();
                }
                return Ok(());
            }
            // Some of its snapshots have read files of one build, some of another.
            Then::Settle if self.is_between_builds => return Ok(()),
            Then::Settle | Then::Pause => {}
        }
        let start = Instant::now();
        let result = if self.is_between_builds {
            Ok(())
        } else if self.is_given_up {
            times.given_up += 1;
            self.is_hopeless()
        } else {
            let clean = clean::pass(self.document, &self.files, &self.generated);
            clean.map_err(|error| format!("a plain pass fails: {error}")).and_then(|clean| {
                self.compare(&clean, "a plain pass")?;
                self.compare_reports(clean.report.as_ref())
            })
        };
        times.compared += 1;
        self.given_up_in_a_row = if self.is_given_up { self.given_up_in_a_row + 1 } else { 0 };
        if result.is_ok() && step.then == Then::Pause && !self.is_given_up {
            self.pause()?;
            times.built += 1;
        }
        times.oracle += start.elapsed();
        result
    }

    /// The cursor rests in the line that will be written in.
    fn expect(&mut self, step: &Step) {
        let Some(Change::Splice { file, at, .. }) = step.changes.first() else { return };
        let Some(text) = self.files.0.get(file) else { return };
        let before = &text[..(*at).min(text.len())];
        let line = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        self.live.expect_edit(file, line as u64);
        self.step_for(Duration::from_millis(60));
    }

    /// Now and then the author thinks for long enough that snapshots tell their states, where there is a rest of the
    /// document to speak of.
    fn think(&mut self) {
        self.rests += 1;
        let end = Instant::now() + Duration::from_secs(8);
        let does = self.rests.is_multiple_of(3) && self.live.pages() > 12;
        while does && !self.live.is_prepared() && Instant::now() < end {
            self.step_for(Duration::from_millis(100));
        }
    }

    fn edit(&mut self, step: &Step) -> Result<(), String> {
        step.changes.iter().for_each(|change| change.apply(&mut self.files));
        let are_texts = step.changes.iter().all(|change| matches!(change, Change::Splice { .. }));
        let changed: BTreeSet<_> =
            step.changes.iter().map(|change| change.file().clone()).collect();
        self.is_given_up = false;
        let edited = self.live.edit(self.files.source(), are_texts.then_some(&changed));
        edited.map_err(|error| format!("edit: {error}"))
    }

    fn step_for(&mut self, time: Duration) {
        let end = Instant::now() + time;
        loop {
            let told = self.live.step(Some(end.saturating_duration_since(Instant::now())));
            self.hear(told);
            if Instant::now() >= end {
                return;
            }
        }
    }

    fn hear(&mut self, told: Vec<LivePage>) {
        for told in told {
            match told {
                LivePage::Changed { .. } => {}
                LivePage::Done(report) => {
                    self.last = Some(report);
                    self.is_given_up = false;
                }
                LivePage::GivenUp(_) => self.is_given_up = true,
            }
        }
    }

    /// Until nothing is under way.
    fn settle(&mut self) -> Result<(), String> {
        let start = Instant::now();
        while !self.live.is_at_rest() {
            if start.elapsed() > Duration::from_secs(90) {
                return Err("the run never ends".to_owned());
            }
            let told = self.live.step(Some(Duration::from_secs(1)));
            self.hear(told);
        }
        if self.is_given_up && std::mem::take(&mut self.may_be_given_up) {
            // It had gone on from a process that died under it, or the machine stood still: the next edit must work.
            self.is_given_up = false;
            let edited = self.live.edit(self.files.source(), None);
            edited.map_err(|error| format!("edit after a kill: {error}"))?;
            return self.settle();
        }
        Ok(())
    }

    /// Given up: then a plain pass must not come to an end either.
    fn is_hopeless(&self) -> Result<(), String> {
        match clean::pass_within(HOPELESS, self.document, &self.files, &self.generated) {
            Ok(pages) => Err(format!("given up, but a plain pass has {} pages", pages.len())),
            Err(_) => Ok(()),
        }
    }

    /// The author pauses: a build goes on from the run, and its files are taken over.
    fn pause(&mut self) -> Result<(), String> {
        self.live.catch_up().map_err(|error| format!("catching up: {error}"))?;
        self.settle()?;
        self.is_between_builds = false;
        let clean = clean::build_afresh(self.document, &self.files);
        let (Some(built), Some(clean)) = (self.build(), clean) else { return Ok(()) };
        self.step_for(PAUSE);
        self.settle()?;
        self.is_between_builds = false;
        if self.is_given_up || !built.is_settled || !clean.is_settled {
            return Ok(());
        }
        self.compare(&clean.pages, "a build from nothing")
            .map_err(|why| format!("{why}; {} and from nothing {}", built.story, clean.story))?;
        if built.pdf != clean.pdf || built.synctex != clean.synctex {
            let what = if built.pdf == clean.pdf { "SyncTeX" } else { "PDF" };
            return Err(format!("another {what} than from nothing; {}", built.story));
        }
        Ok(())
    }

    /// A build that goes on from the last run; the next is to read what it leaves.
    fn build(&mut self) -> Option<Built> {
        let pass = self.live.pass();
        let built = clean::build_in(self.folder.path(), self.document, &self.files, pass)?;
        self.live.set_generated(built.generated.clone());
        self.is_between_builds = true;
        // Files that the build does not write any more stay with the live document.
        let mut generated: BTreeMap<String, Vec<u8>> = self.generated.drain(..).collect();
        generated.extend(built.generated.iter().cloned());
        self.generated = generated.into_iter().collect();
        Some(built)
    }

    fn compare(&self, clean: &Pages, with: &str) -> Result<(), String> {
        let different: Vec<usize> = (0..clean.len().max(self.live.pages()))
            .filter(|index| !clean.has(*index, self.live.page(*index as u32 + 1).as_deref()))
            .map(|index| index + 1)
            .collect();
        if different.is_empty() {
            return Ok(());
        }
        let index = different[0] - 1;
        let (ours, theirs) = (self.live.page(index as u32 + 1), clean.page(index));
        let (ours, theirs) = (ours.unwrap_or_default(), theirs.unwrap_or_default());
        let at = ours.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
        let near = |page: &[u8]| {
            let range = at.saturating_sub(30).min(page.len())..(at + 60).min(page.len());
            String::from_utf8_lossy(&page[range]).replace(|c: char| c.is_control(), "·")
        };
        Err(format!(
            "{} pages live, {} by {with}: {different:?} differ, the first at byte {at}: {:?}, not {:?}",
            self.live.pages(),
            clean.len(),
            near(&ours),
            near(&theirs)
        ))
    }

    /// What the runs wrote for the next pass, and what they had to say.
    fn compare_reports(&self, clean: Option<&TexReport>) -> Result<(), String> {
        let (Some(live), Some(clean)) = (&self.last, clean) else { return Ok(()) };
        if live.outcome != clean.outcome {
            return Err(format!("{:?} live, {:?} by a plain pass", live.outcome, clean.outcome));
        }
        let outputs = |report: &TexReport| -> BTreeMap<String, _> {
            let is_compared = |name: &str| !name.ends_with(".log") && !name.ends_with(".xdv");
            let files = report.outputs.iter().filter(|file| is_compared(&file.name));
            files.map(|file| (file.name.clone(), file.hash)).collect()
        };
        let (ours, theirs) = (outputs(live), outputs(clean));
        let names: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
        let different: Vec<_> =
            names.into_iter().filter(|name| ours.get(*name) != theirs.get(*name)).collect();
        if !different.is_empty() {
            return Err(format!("other than by a plain pass: {different:?}"));
        }
        if live.messages != clean.messages {
            return Err(format!("{:?} live, {:?} by a plain pass", live.messages, clean.messages));
        }
        let reads = |report: &TexReport| -> Vec<String> {
            let mut reads: Vec<String> =
                report.reads.iter().map(|read| format!("{read:?}")).collect();
            reads.sort();
            reads
        };
        let (ours, theirs) = (reads(live), reads(clean));
        if let Some((ours, theirs)) = ours.iter().zip(&theirs).find(|(a, b)| a != b) {
            return Err(format!("files that were read: {ours}, not {theirs}"));
        }
        let lines = |report: &TexReport| -> Vec<String> {
            let log = String::from_utf8_lossy(&report.log);
            // How long the XDV is depends on how it writes movements.
            let lines = log.lines().map(|line| match line.starts_with("Output written on") {
                true => line.split(',').next().unwrap_or_default(),
                false => line,
            });
            lines.map(str::to_owned).collect()
        };
        let (ours, theirs) = (lines(live), lines(clean));
        if let Some((ours, theirs)) = ours.iter().zip(&theirs).find(|(a, b)| a != b) {
            return Err(format!("the log says {ours:?}, not {theirs:?}"));
        }
        if ours.len() != theirs.len() {
            return Err(format!("the log has {} lines, not {}", ours.len(), theirs.len()));
        }
        if live.marks != clean.marks {
            let (ours, theirs) = live.marks.iter().zip(&clean.marks).find(|(a, b)| a != b).unzip();
            return Err(format!("places in the log: {ours:?}, not {theirs:?}"));
        }
        Ok(())
    }
}
