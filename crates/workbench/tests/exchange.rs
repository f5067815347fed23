//! Projects in and out, and files that move with what refers to them: real database, real archives.

#![allow(clippy::unwrap_used)]

mod support;

use quire_project::ProjectId;
use quire_workbench::{
    Event, ImportError, Moved, PlaceKind, ProjectCard, Shelf, Workbench, WorkbenchError, place_kind,
};
use std::{fs, time::Instant};
use support::{open, path};

const TASK: u32 = 1;

fn project(workbench: &Workbench, files: &[(&str, &str)]) -> ProjectId {
    let files = files.iter().map(|(name, text)| (path(name), text.as_bytes().to_vec())).collect();
    let id = workbench.create_project("Paper", files, None).unwrap();
    workbench.open_project(id).unwrap();
    id
}

fn text(workbench: &Workbench, id: ProjectId, file: &str) -> String {
    let bytes = workbench.file_bytes(id, &path(file)).unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn cards(workbench: &Workbench) -> Vec<ProjectCard> {
    workbench.projects(Shelf::Active, "", None).unwrap().projects
}

fn paths(workbench: &Workbench, id: ProjectId) -> Vec<String> {
    let view = workbench.open_project(id).unwrap();
    view.files.iter().map(|file| file.path.to_string()).collect()
}

#[test]
fn every_template_makes_a_project_with_its_main_file() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let templates = workbench.templates();
    assert_eq!(templates.len(), 10);
    for template in templates {
        let id = workbench.create_from_template(template.name, template.id).unwrap();
        let view = workbench.open_project(id).unwrap();
        let root = view.root.unwrap();
        assert!(text(&workbench, id, root.as_str()).contains("\\begin{document}"), "{root}");
        assert!(!quire_workbench::template_picture(template.id).unwrap().is_empty());
    }
    let unknown = workbench.create_from_template("x", "no such");
    assert!(matches!(unknown, Err(WorkbenchError::NoTemplate(_))));
}

#[test]
fn an_exported_archive_comes_in_again_as_it_was() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(&temp.path().join("data"));
    let id =
        project(&workbench, &[("main.tex", "ü😀"), ("ch/one.tex", "one"), ("fig.svg", "<svg/>")]);
    let zip = temp.path().join("Paper.zip");
    let exported = workbench.export_zip(id, &zip, TASK).unwrap();
    assert_eq!((exported.files, exported.bytes), (3, fs::metadata(&zip).unwrap().len()));
    // One that is not open goes out alike.
    workbench.close_project(id).unwrap();
    let again = temp.path().join("again.zip");
    workbench.export_zip(id, &again, TASK).unwrap();
    assert_eq!(fs::read(&zip).unwrap(), fs::read(&again).unwrap());

    let imported = workbench.import(&[zip], TASK).unwrap();
    let copy = imported.projects[0];
    assert_eq!(paths(&workbench, copy), ["ch/one.tex", "fig.svg", "main.tex"]);
    assert_eq!(text(&workbench, copy, "main.tex"), "ü😀");
    let names: Vec<String> = cards(&workbench).into_iter().map(|card| card.name).collect();
    assert_eq!(names, ["Paper 2", "Paper"]);
}

#[test]
fn what_is_in_a_large_archive_comes_in_byte_for_byte() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(&temp.path().join("data"));
    // More than waits in memory; not to be compressed, or it would look like an attack.
    let mut noise = fastrand::Rng::with_seed(7);
    let figure: Vec<u8> = (0..12 << 20).map(|_| noise.u8(..)).collect();
    let long = (0..300_000).fold(String::new(), |text, n| text + &format!("Line {n} is kept.\n"));
    let source = temp.path().join("book");
    fs::create_dir(&source).unwrap();
    fs::write(source.join("figure.png"), &figure).unwrap();
    fs::write(source.join("main.tex"), "\\input{long}").unwrap();
    fs::write(source.join("long.tex"), &long).unwrap();
    let copied = workbench.import(&[source], TASK).unwrap().projects[0];
    let zip = temp.path().join("book.zip");
    workbench.export_zip(copied, &zip, TASK).unwrap();
    let unpacked = workbench.import(&[zip], TASK).unwrap().projects[0];
    for id in [copied, unpacked] {
        assert_eq!(paths(&workbench, id), ["figure.png", "long.tex", "main.tex"]);
        assert!(*workbench.file_bytes(id, &path("figure.png")).unwrap() == *figure);
        assert!(text(&workbench, id, "long.tex") == long);
    }
}

#[test]
fn folders_are_copied_and_single_files_become_one_project() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(&temp.path().join("data"));
    let folder = temp.path().join("Étude 😀");
    fs::create_dir_all(folder.join("figures")).unwrap();
    fs::write(folder.join("main.tex"), b"caf\xe9").unwrap();
    fs::write(folder.join("figures/dot.png"), [0x89, b'P', 0]).unwrap();
    let imported = workbench.import(std::slice::from_ref(&folder), TASK).unwrap();
    let id = imported.projects[0];
    assert_eq!(paths(&workbench, id), ["figures/dot.png", "main.tex"]);
    assert_eq!(text(&workbench, id, "main.tex"), "café");
    assert!(imported.notes[0].contains("main.tex"), "{:?}", imported.notes);
    assert_eq!(cards(&workbench)[0].name, "Étude 😀");
    assert_eq!(cards(&workbench)[0].folder, None);

    let (paper, refs) = (temp.path().join("paper.tex"), temp.path().join("refs.bib"));
    fs::write(&paper, "text").unwrap();
    fs::write(&refs, "@book{a}").unwrap();
    let imported = workbench.import(&[refs, paper], TASK).unwrap();
    assert_eq!(paths(&workbench, imported.projects[0]), ["paper.tex", "refs.bib"]);
    assert_eq!(cards(&workbench)[0].name, "paper");
}

#[test]
fn what_cannot_become_a_project_leaves_none() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(&temp.path().join("data"));
    let place = |name: &str, bytes: &[u8]| {
        let place = temp.path().join(name);
        fs::write(&place, bytes).unwrap();
        place
    };
    let broken = workbench.import(&[place("broken.zip", b"PK\x03\x04 and no more")], TASK);
    assert!(matches!(broken, Err(WorkbenchError::Import(ImportError::Damaged { .. }))));
    let picture = place("photo.png", b"\x89PNG");
    assert_eq!(place_kind(&picture), PlaceKind::Other);
    let other = workbench.import(&[picture], TASK);
    assert!(matches!(other, Err(WorkbenchError::NotImportable(_))));
    let gone = temp.path().join("gone.zip");
    assert!(matches!(workbench.import(&[gone], TASK), Err(WorkbenchError::NothingThere(_))));
    assert_eq!(cards(&workbench), []);
}

#[test]
fn an_import_can_be_cancelled_and_two_thousand_files_open_within_a_second() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(&temp.path().join("data"));
    let folder = temp.path().join("many");
    for chapter in 0..20 {
        fs::create_dir_all(folder.join(format!("chapter{chapter}"))).unwrap();
        for part in 0..100 {
            let name = format!("chapter{chapter}/part{part}.tex");
            fs::write(folder.join(name), format!("Part {part} of chapter {chapter}.\n").repeat(40))
                .unwrap();
        }
    }
    // Cancelled at the first word of it.
    let other = workbench.clone();
    let told = move |event: &Event| {
        if let Event::Task { task: 7, .. } = event {
            other.cancel_task(7);
        }
        true
    };
    workbench.listen(told).unwrap();
    let cancelled = workbench.import(std::slice::from_ref(&folder), 7);
    assert!(matches!(cancelled, Err(WorkbenchError::Cancelled)));
    assert_eq!(cards(&workbench), []);

    let start = Instant::now();
    let id = workbench.import(&[folder], 8).unwrap().projects[0];
    let import = start.elapsed();
    let start = Instant::now();
    let view = workbench.open_project(id).unwrap();
    let open = start.elapsed();
    println!("2,000 files: {import:?} to import, {open:?} to open");
    assert_eq!(view.files.len(), 2000);
    // A debug build on a busy machine; the program itself is measured by `cargo xtask bench app`.
    assert!(open.as_secs_f64() < 1.0, "{open:?}");
}

#[test]
fn sources_go_out_as_one_with_what_they_need() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(&temp.path().join("data"));
    let main = "\\documentclass{article}\n\\begin{document}\n\\input{ch/one}\n\\includegraphics{dot}\n\\includegraphics{gone.png}\n\\end{document}\n";
    let id = project(
        &workbench,
        &[("main.tex", main), ("ch/one.tex", "Chapter one."), ("notes.txt", "x")],
    );
    workbench.put_file(id, path("dot.png"), &[0x89, b'P', 0]).unwrap();
    let place = temp.path().join("flat.zip");
    let exported = workbench.export_source(id, &place, TASK).unwrap();
    assert_eq!(exported.notes, ["Not in the project: gone.png."]);
    let id = workbench.import(&[place], TASK).unwrap().projects[0];
    assert_eq!(paths(&workbench, id), ["dot.png", "main.tex"]);
    assert!(text(&workbench, id, "main.tex").contains("\nChapter one.\n"));
    let alone = temp.path().join("flat.tex");
    let exported = workbench.export_source(id, &alone, TASK).unwrap();
    assert_eq!(exported.notes[1], "It still needs dot.png.");
    assert!(matches!(workbench.export_pdf(id, &alone, TASK), Err(WorkbenchError::NoPdf)));
}

#[test]
fn references_follow_a_renamed_file_and_come_back_with_it() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("linked");
    let main = "\\documentclass{article}\n\\begin{document}\n\\input{ch/one}\n\\include{ch/two}\n\\input{ch/one.tex}\n\\end{document}\n";
    let files = [("main.tex", main), ("ch/one.tex", "1"), ("ch/two.tex", "\\input{ch/one}")];
    for (name, text) in files {
        let place = folder.join(name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }
    let workbench = open(&temp.path().join("data"));
    let linked = workbench.link_folder(&folder).unwrap();
    workbench.open_project(linked).unwrap();
    for id in [project(&workbench, &files), linked] {
        let (one, first) = (path("ch/one.tex"), path("parts/first.tex"));
        let moved = workbench.move_with_references(id, one.clone(), first.clone()).unwrap();
        assert_eq!(moved, Moved { files: 1, references: 3 });
        let now = text(&workbench, id, "main.tex");
        assert!(
            now.contains("\\input{parts/first}\n\\include{ch/two}\n\\input{parts/first.tex}"),
            "{now}"
        );
        assert_eq!(text(&workbench, id, "ch/two.tex"), "\\input{parts/first}");
        // A folder as well; the way back undoes all.
        workbench.move_with_references(id, path("ch"), path("Kapitel ü")).unwrap();
        assert!(text(&workbench, id, "main.tex").contains("Kapitel ü/two"));
        workbench.move_with_references(id, path("Kapitel ü"), path("ch")).unwrap();
        workbench.move_with_references(id, first, one).unwrap();
        assert_eq!(text(&workbench, id, "main.tex"), main);
    }
    workbench.close();
    assert_eq!(fs::read_to_string(folder.join("main.tex")).unwrap(), main);
    assert_eq!(fs::read_to_string(folder.join("ch/two.tex")).unwrap(), "\\input{ch/one}");
}

#[test]
fn names_of_projects_may_be_anything_but_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench, &[("main.tex", "")]);
    for (given, kept) in
        [("a/b\\c: 😀", "a/b\\c: 😀"), ("  two\nlines ", "two lines"), ("..", "..")]
    {
        workbench.rename_project(id, given).unwrap();
        assert_eq!(cards(&workbench)[0].name, kept);
    }
    assert!(matches!(workbench.rename_project(id, " \n"), Err(WorkbenchError::NoName)));
    let copy = workbench.duplicate_project(id, "..").unwrap();
    assert_eq!(workbench.open_project(copy).unwrap().name, ".. 2");
}

#[test]
fn a_folder_that_was_moved_is_told_and_can_be_shown() {
    let temp = tempfile::tempdir().unwrap();
    let (folder, elsewhere) = (temp.path().join("paper"), temp.path().join("moved"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("main.tex"), "x").unwrap();
    let workbench = open(&temp.path().join("data"));
    let id = workbench.link_folder(&folder).unwrap();
    assert!(!cards(&workbench)[0].folder_missing);
    fs::rename(&folder, &elsewhere).unwrap();
    assert!(cards(&workbench)[0].folder_missing);
    assert!(matches!(workbench.open_project(id), Err(WorkbenchError::FolderGone(_))));
    workbench.relink(id, &elsewhere).unwrap();
    assert_eq!(paths(&workbench, id), ["main.tex"]);
}

#[test]
fn a_file_comes_back_beside_what_has_taken_its_place() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench, &[("main.tex", "old")]);
    workbench.trash_path(id, path("main.tex")).unwrap();
    workbench.create_file(id, path("main.tex"), "new").unwrap();
    let trashed = workbench.trashed_files(id).unwrap();
    let restored = workbench.restore_file(id, trashed[0].file).unwrap();
    assert_eq!(restored, path("main-2.tex"));
    assert_eq!(text(&workbench, id, "main-2.tex"), "old");
    assert_eq!(text(&workbench, id, "main.tex"), "new");
}
