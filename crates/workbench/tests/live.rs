//! The build after a pause begins with what the live pages were made by: real engine, real pages.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod support;

use quire_bundle::find_bundle;
use quire_project::ProjectId;
use quire_tex_engine::find_worker;
use quire_workbench::{
    BuildReport, BuildState, Config, EngineFiles, Event, LivePageInfo, LivePageRef, LiveState,
    Outcome, PageBox, PictureRequest, Settings, ShownPages, Workbench, WorkbenchError,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};
use support::{Window, config, path, until};

const TEXT: &str = "\\documentclass{article}\n\\begin{document}\n\\tableofcontents\n\\section{One}\\label{one}\n\
                    See \\ref{two}.\n\\section{Two}\\label{two}\nHere\n\\end{document}\n";

struct Author {
    workbench: Workbench,
    id: ProjectId,
    window: Window,
    built: Arc<Mutex<Vec<BuildReport>>>,
    live: Arc<Mutex<Live>>,
    data: PathBuf,
}

/// What is told of live pages.
#[derive(Default)]
struct Live {
    pages: BTreeMap<u32, LivePageInfo>,
    /// In the order in which it was told.
    told: Vec<LivePageInfo>,
    counts: Vec<u32>,
    state: Option<LiveState>,
    is_building: bool,
}

impl Author {
    /// With pages of a build, about to write.
    fn new(data: &Path) -> Self {
        Self::of(data, TEXT)
    }

    fn of(data: &Path, text: &str) -> Self {
        let engine =
            EngineFiles { worker: find_worker().unwrap(), bundle: find_bundle(None).unwrap() };
        let config = Config {
            engine: Ok(engine),
            pdfium: Ok(quire_pdf::find_library().unwrap()),
            ..config(data)
        };
        let workbench = Workbench::open(config).unwrap().workbench;
        let files = vec![(path("main.tex"), text.as_bytes().to_vec())];
        let id = workbench.create_project("Paper", files, Some(&path("main.tex"))).unwrap();
        workbench.open_project(id).unwrap();
        let built = Arc::new(Mutex::new(Vec::new()));
        let live = Arc::new(Mutex::new(Live::default()));
        let (reports, told) = (built.clone(), live.clone());
        workbench
            .listen(move |event| {
                match event {
                    Event::Built { report, .. } => reports.lock().unwrap().push(report.clone()),
                    Event::LivePages { pages, .. } => {
                        let mut live = told.lock().unwrap();
                        live.told.extend(pages.iter().cloned());
                        live.pages.extend(pages.iter().map(|page| (page.page, page.clone())));
                    }
                    Event::LiveCount { pages, .. } => told.lock().unwrap().counts.push(*pages),
                    Event::LiveState { state, .. } => {
                        told.lock().unwrap().state = Some(state.clone());
                    }
                    Event::Build { state, .. } => {
                        told.lock().unwrap().is_building = *state != BuildState::Idle;
                    }
                    _ => {}
                }
                true
            })
            .unwrap();
        let window = Window::open(&workbench, id, "main.tex", 1);
        let author = Self { workbench, id, window, built, live, data: data.to_owned() };
        author.workbench.build(id, false).unwrap();
        author.next_build(0);
        author.workbench.about_to_write(id, path("main.tex"), 7).unwrap();
        author
    }

    /// Write behind the first place of some words.
    fn write_behind(&mut self, words: &str, text: &str) {
        self.window.catch_up();
        let before = self.window.document.text();
        let at = before.find(words).unwrap() + words.len();
        self.window.type_at(u32::try_from(at).unwrap(), 0, text);
    }

    /// The number of pages once a run has ended, if it is not the one of `before`.
    fn next_count(&self, before: usize) -> u32 {
        until("the end of a run", || self.live.lock().unwrap().counts.len() > before);
        self.live.lock().unwrap().counts[before]
    }

    /// The last version of a page, counted from zero, once it is another than `before`.
    fn live_page(&self, page: u32, before: u64) -> LivePageRef {
        let version = || self.live.lock().unwrap().pages.get(&page).map(|told| told.version);
        until("the live page", || version().is_some_and(|version| version != before));
        LivePageRef { page, version: version().unwrap() }
    }

    fn build_only_when_asked(&self) {
        let settings = self.workbench.settings().unwrap();
        let settings = Settings { build_while_typing: false, ..settings };
        self.workbench.set_settings(settings).unwrap();
    }

    fn builds(&self) -> usize {
        self.built.lock().unwrap().len()
    }

    /// The build behind the first `count` of them.
    fn next_build(&self, count: usize) -> BuildReport {
        until("a build", || self.builds() > count);
        self.built.lock().unwrap()[count].clone()
    }

    /// Which passes of the last build were live.
    fn lives(&self) -> Vec<bool> {
        let cache = self.data.join(format!("builds/{}/cache", self.id));
        let mut folders = std::fs::read_dir(cache).unwrap().flatten().map(|entry| entry.path());
        let record = folders.find_map(|folder| std::fs::read_to_string(folder.join("record")).ok());
        let record = record.unwrap();
        record
            .match_indices("\"is_live\":")
            .map(|(at, key)| record[at + key.len()..].starts_with("true"))
            .collect()
    }
}

#[test]
fn the_build_after_a_pause_begins_with_the_live_run() {
    let temp = tempfile::tempdir().unwrap();
    let mut author = Author::new(temp.path());
    assert!(author.lives().iter().all(|is_live| !is_live));
    let count = author.builds();
    author.write_behind("Here", " and there");
    let report = author.next_build(count);
    assert_eq!((report.outcome, author.lives()), (Outcome::Clean, vec![true]));
    // What moves references takes another pass, which the live document runs as well.
    let count = author.builds();
    author.write_behind("See \\ref{two}.", "\n\\section{New}\\label{new}");
    author.next_build(count);
    assert_eq!(author.lives(), [true, true]);
    // What is wrong is told as ever, with its place.
    let count = author.builds();
    author.write_behind("Here", " \\nothing");
    let report = author.next_build(count);
    assert_eq!((report.outcome, author.lives()), (Outcome::Errors, vec![true]));
    let places = report.problems.iter().filter_map(|problem| Some(problem.range?.start.line));
    assert_eq!(places.collect::<Vec<_>>(), [8]);
    assert!(author.workbench.build_log(author.id).unwrap().contains("Undefined control sequence"));
    // A build that is asked for takes the live run too; a clean one runs by itself.
    let count = author.builds();
    author.write_behind("Here", " we");
    author.workbench.build(author.id, false).unwrap();
    author.next_build(count);
    assert_eq!(author.lives(), [true]);
    let count = author.builds();
    author.workbench.build(author.id, true).unwrap();
    author.next_build(count);
    assert!(author.lives().iter().all(|is_live| !is_live));
}

#[test]
fn a_build_whose_live_run_was_overtaken_can_be_cancelled() {
    let temp = tempfile::tempdir().unwrap();
    let mut author = Author::new(temp.path());
    // An endless run, over which the author writes on: the build, left alone, would be as endless.
    let count = author.builds();
    author.write_behind("Here", " \\loop\\iftrue\\repeat");
    author.workbench.build(author.id, false).unwrap();
    author.write_behind("Here", " % ");
    author.workbench.cancel_build(author.id).unwrap();
    assert_eq!(author.next_build(count).outcome, Outcome::Cancelled);
    let count = author.builds();
    author.workbench.build(author.id, false).unwrap();
    let report = author.next_build(count);
    assert_eq!((report.outcome, author.lives()), (Outcome::Clean, vec![true]));
}

#[test]
fn pages_that_come_go_or_change_their_size_are_told_before_a_build() {
    let temp = tempfile::tempdir().unwrap();
    let mut author = Author::new(temp.path());
    author.build_only_when_asked();
    author.write_behind("Here", "\n\\newpage\\pdfpagewidth=400bp\\pdfpageheight=300bp\nA wide one");
    assert_eq!(author.next_count(0), 2);
    until("the new page", || author.live.lock().unwrap().pages.contains_key(&1));
    let told = author.live.lock().unwrap().pages.clone();
    assert_eq!(told[&1].size, PageBox { width: 400.0, height: 300.0 });
    assert_eq!(author.workbench.preview_info(author.id).unwrap().pages.len(), 1);
    // The build has the same.
    let count = author.builds();
    author.workbench.build(author.id, false).unwrap();
    author.next_build(count);
    let built = author.workbench.preview_info(author.id).unwrap().pages;
    assert_eq!(built.len(), 2);
    let first = told.get(&0).map_or(built[0], |page| page.size);
    assert_eq!([built[0], built[1]], [first, told[&1].size]);
    // And it goes with its text; what is half typed, and would take pages away, leaves them.
    let counts = author.live.lock().unwrap().counts.len();
    author.write_behind("Here", "\\iffalse ");
    assert_eq!(author.next_count(counts), 2);
    author.write_behind("Here\\iffalse", "\n\\fi\\end{document}");
    until("one page", || author.live.lock().unwrap().counts.last() == Some(&1));
    assert_eq!(author.workbench.preview_info(author.id).unwrap().pages.len(), 2);
}

#[test]
fn the_way_between_source_and_page_leads_to_pages_that_no_build_has_made() {
    let temp = tempfile::tempdir().unwrap();
    let mut author = Author::new(temp.path());
    author.build_only_when_asked();
    author.write_behind("Here", "\n\nMore of it\n\\newpage\nOn the next page");
    assert_eq!(author.next_count(0), 2);
    let areas = |author: &Author, line| {
        author.workbench.areas_of_line(author.id, &path("main.tex"), line).unwrap()
    };
    until("the run's places", || areas(&author, 11).iter().any(|area| area.page == 1));
    let [area] = areas(&author, 11)[..] else { panic!("one line of text") };
    let (x, y) = (area.x + area.width / 2.0, area.y + area.height / 2.0);
    let place = author.workbench.source_at(author.id, area.page, x, y).unwrap().unwrap();
    assert_eq!((place.path, place.line), (path("main.tex"), 11));
    // Lines have moved since: also while the run with them is on.
    author.write_behind("\\tableofcontents", "\n% one\n% two");
    let place = author.workbench.source_at(author.id, 1, x, y).unwrap().unwrap();
    assert_eq!(place.line, 13);
    // A build knows it as well.
    let count = author.builds();
    author.workbench.build(author.id, false).unwrap();
    author.next_build(count);
    assert_eq!(areas(&author, 13), [area]);
}

const LINKED: &str = "\\documentclass{article}\n\\usepackage[draft=false]{hyperref}\n\\begin{document}\n\
    See \\ref{far}. Here\n\\newpage\n\\section{Far}\\label{far}\nWords\n\\newpage\nLast\n\\end{document}\n";

#[test]
fn words_links_and_matches_are_those_of_the_live_page() {
    let temp = tempfile::tempdir().unwrap();
    let mut author = Author::of(temp.path(), LINKED);
    author.build_only_when_asked();
    let target = |contents: &quire_workbench::PageContents| {
        contents.links.first().and_then(|link| link.place).unwrap()
    };
    let (id, workbench) = (author.id, author.workbench.clone());
    let number = workbench.preview_info(id).unwrap().number;
    let built = target(&workbench.page_contents(id, number, 0).unwrap());
    assert_eq!(built.page, 1);
    author.write_behind("Here", " and \\textbf{there}");
    assert_eq!(author.next_count(0), 3);
    let first = author.live_page(0, 0);
    let contents = workbench.live_contents(id, first).unwrap();
    let words: Vec<&str> = contents.words.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(words[..5], ["See", "1.", "Here", "and", "there"]);
    let live = target(&contents);
    assert_eq!(live.page, 1);
    assert!((live.y.unwrap() - built.y.unwrap()).abs() < 0.1, "{live:?} {built:?}");
    // Links lead to where the place is now.
    author.write_behind("there}", "\n\\newpage\nAdded");
    assert_eq!(author.next_count(1), 4);
    let old = std::mem::take(&mut author.live.lock().unwrap().pages);
    assert_eq!(old[&2].came_from, Some(1));
    author.write_behind("there}", " again");
    assert_eq!(author.next_count(2), 4);
    let first = author.live_page(0, old[&0].version);
    assert_eq!(target(&workbench.live_contents(id, first).unwrap()).page, 2);
    // What is looked for is found on live pages as they are, and on the others as they were built.
    let live: Vec<LivePageRef> =
        old.values().map(|old| LivePageRef { page: old.page, version: old.version }).collect();
    let live = live.into_iter().map(|page| if page.page == 0 { first } else { page });
    let pages = ShownPages { number, count: 4, live: live.collect() };
    let found = |pages: &ShownPages, query: &str| -> Vec<usize> {
        let found = workbench.find_on_pages(id, pages, query, true).unwrap();
        found.into_iter().map(|found| found.page).collect()
    };
    assert_eq!(found(&pages, "again"), [0]);
    assert_eq!(found(&pages, "Added"), [1]);
    assert_eq!(found(&pages, "Words"), [2]);
    assert_eq!(found(&pages, "Last"), [3]);
    let built = ShownPages { live: Vec::new(), ..pages };
    assert_eq!((found(&built, "again"), found(&built, "Last")), (vec![], vec![2]));
    let gone = LivePageRef { version: old[&0].version, ..first };
    assert!(matches!(workbench.live_contents(id, gone), Err(WorkbenchError::NoPdf)));
}

#[test]
fn windows_at_two_zooms_get_what_has_changed_and_who_glanced_does_not() {
    let temp = tempfile::tempdir().unwrap();
    let mut author = Author::new(temp.path());
    author.build_only_when_asked();
    let (id, workbench) = (author.id, author.workbench.clone());
    let ask = |page: LivePageRef, scale: f32, glances: bool| {
        let request = PictureRequest { page: 0, scale, tile: None, dark_paper: false };
        workbench.live_picture(id, page.version, request, glances).unwrap();
    };
    author.write_behind("Here", " a");
    let mut page = author.live_page(0, 0);
    for scale in [0.2, 1.0, 2.0] {
        ask(page, scale, scale < 1.0);
    }
    for _ in 0..3 {
        author.write_behind("Here", "b");
        page = author.live_page(0, page.version);
        let patches = author.live.lock().unwrap().pages[&0].patches.clone();
        let scales: Vec<f32> = patches.iter().map(|patch| patch.scale).collect();
        assert_eq!(scales, [2.0, 1.0]);
    }
}

#[test]
fn lines_that_are_drawn_by_themselves_are_those_of_the_whole_page() {
    let temp = tempfile::tempdir().unwrap();
    let many =
        "Words of a paragraph $x^2$ that goes on until it has come to its end.\n\n".repeat(15);
    let text = format!(
        "\\documentclass{{article}}\n\\usepackage[colorlinks]{{hyperref}}\n\\begin{{document}}\n{many}Here \\cite{{a}}.\n\n\
         {many}\\end{{document}}\n"
    );
    let mut author = Author::of(temp.path(), &text);
    author.build_only_when_asked();
    let (id, workbench) = (author.id, author.workbench.clone());
    let mut version = 0;
    for (ended, letter) in [" a", "b", "$y$", "c "].into_iter().enumerate() {
        author.write_behind("Here", letter);
        version = author.live_page(0, version).version;
        if ended == 0 {
            let request = PictureRequest { page: 0, scale: 1.5, tile: None, dark_paper: false };
            workbench.live_picture(id, version, request, false).unwrap();
        }
        until("the end of the run", || author.live.lock().unwrap().counts.len() > ended);
    }
    let live = author.live.lock().unwrap();
    let with_patches = live.told.iter().filter(|told| !told.patches.is_empty());
    let versions: Vec<u64> = with_patches.map(|told| told.version).collect();
    assert_eq!(
        versions.len(),
        3,
        "each is told once, or what was drawn first was wrong: {versions:?}"
    );
    assert!(versions.is_sorted());
}

#[test]
fn what_is_exported_is_the_text_as_it_is_whatever_is_shown() {
    let temp = tempfile::tempdir().unwrap();
    let mut author = Author::new(temp.path());
    let place = temp.path().join("out.pdf");
    let export = |author: &Author, task: u32| author.workbench.export_pdf(author.id, &place, task);
    let renderer = quire_pdf::Renderer::start(&quire_pdf::find_library().unwrap()).unwrap();
    let text = || {
        let document = renderer.open(std::fs::read(&place).unwrap()).unwrap();
        document.page_text(0).unwrap().plain()
    };
    // At once, long before a build would come.
    author.build_only_when_asked();
    author.write_behind("Here", " and there");
    assert!(export(&author, 1).unwrap().notes.is_empty());
    assert!(text().contains("Here and there"), "{}", text());
    assert_eq!(author.workbench.preview_info(author.id).unwrap().pages.len(), 1);
    // A build after a pause leaves half-typed text out of sight, and its file is not taken for what is wanted.
    let settings = author.workbench.settings().unwrap();
    author.workbench.set_settings(Settings { build_while_typing: true, ..settings }).unwrap();
    let count = author.builds();
    author.write_behind("Here", "\n\\begin{itemize}\n\\item Half ");
    assert!(author.next_build(count).pages_kept);
    let notes = export(&author, 2).unwrap().notes;
    assert_eq!(notes, ["The text has errors: something may be missing."]);
    assert!(text().contains("Half and there"), "{}", text());
    author.write_behind("Half ", "\n\\end{itemize}\n");
    assert!(export(&author, 3).unwrap().notes.is_empty());
    assert!(text().contains("Half"), "{}", text());
    // Nothing comes of it, and what is there stays.
    author.write_behind("\\begin{document}", "\\end{document}");
    assert!(matches!(export(&author, 4), Err(WorkbenchError::NoPages)));
    assert!(text().contains("Half"), "{}", text());
}

#[test]
fn half_typed_text_in_the_first_run_takes_no_pages_away() {
    let temp = tempfile::tempdir().unwrap();
    let mut author = Author::of(temp.path(), LINKED);
    let count = author.builds();
    author.write_behind("Here", "\n\\begin{verbatim} x ");
    assert_eq!(author.next_build(count).outcome, Outcome::Errors);
    assert_eq!(author.live.lock().unwrap().counts, [0_u32; 0]);
    assert_eq!(author.workbench.preview_info(author.id).unwrap().pages.len(), 3);
}

#[test]
fn a_table_that_nothing_closes_leaves_the_pages_and_is_forgotten_with_the_next_key() {
    let temp = tempfile::tempdir().unwrap();
    // TeX never comes to the end of a row in which a formula and a heading stand.
    let text = "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\nHere\n\n\
                Text. \\[ x = y \\]\n\n\\section{More}\nMore.\n\\end{document}\n";
    let mut author = Author::of(temp.path(), text);
    let number = author.workbench.preview_info(author.id).unwrap().number;
    let count = author.builds();
    author.write_behind("Here", "\n\n\\begin{tabular}{ll}\na & b \\\\");
    let is_endless = || {
        let live = author.live.lock().unwrap();
        live.is_building && live.state == Some(LiveState::GivenUp)
    };
    until("the build that goes on without the live pages", is_endless);
    assert_eq!(author.workbench.preview_info(author.id).unwrap().number, number);
    author.write_behind("a & b \\\\", "\n\\end{tabular}\n");
    assert_eq!(author.next_build(count).outcome, Outcome::Cancelled);
    assert_eq!(author.next_build(count + 1).outcome, Outcome::Clean);
    assert_ne!(author.workbench.preview_info(author.id).unwrap().number, number);
}
