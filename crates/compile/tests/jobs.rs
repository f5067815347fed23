//! A build that was asked for as a job comes to what it comes to here; what goes wrong with a worker is not told as the
//! document's fault.

#![allow(clippy::unwrap_used)]

mod support;

use quire_bundle::find_bundle;
use quire_compile::{
    build::{BuildOptions, BuildOutcome, EngineChoice},
    jobs::{
        Bench, BlobId, Blobs, FolderBlobs, Job, JobFault, JobLimits, JobResult, Schedule,
        ScheduleLimits, Workers, run,
    },
};
use quire_project::ProjectPath;
use quire_tex_engine::{CancelToken, find_worker};
use std::{
    fs,
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
    },
};
use support::{DATE_S, Project};

const ROOT: &str =
    "\\documentclass{article}\\begin{document}\\input{part}\\label{a}\\ref{a}\\end{document}\n";
const PART: &str = "A part of it.\n";

fn path(name: &str) -> ProjectPath {
    ProjectPath::new(name).unwrap()
}

fn store(folder: &std::path::Path) -> Arc<dyn Blobs> {
    Arc::new(FolderBlobs::new(folder.join("blobs")))
}

fn job(id: &str, blobs: &dyn Blobs) -> Job {
    let files = [("main.tex", ROOT), ("part.tex", PART)];
    let files = files.map(|(name, text)| (path(name), blobs.put(text.as_bytes()).unwrap()));
    Job {
        id: id.to_owned(),
        user: "ann".to_owned(),
        project: "paper".to_owned(),
        root: path("main.tex"),
        files: files.into(),
        engine: EngineChoice::Tectonic,
        options: BuildOptions::default(),
        shell_escape: false,
        limits: JobLimits::default(),
        date_s: DATE_S,
        synctex: true,
    }
}

fn bench() -> Bench {
    Bench {
        worker: find_worker().unwrap(),
        bundle: find_bundle(None).unwrap(),
        tex_live: None,
        builds_cache: None,
        most: JobLimits::default(),
    }
}

fn result(job: &Job, blobs: &Arc<dyn Blobs>) -> Result<JobResult, JobFault> {
    run(job, blobs, &bench(), &mut |_| {}, &CancelToken::new())
}

#[test]
fn a_job_that_was_sent_gives_the_pdf_of_a_build_here() {
    let temp = tempfile::tempdir().unwrap();
    let blobs = store(temp.path());
    let sent = serde_json::to_string(&job("1", &*blobs)).unwrap();
    let job: Job = serde_json::from_str(&sent).unwrap();
    let result = result(&job, &blobs).unwrap();
    assert_eq!((result.outcome, result.pages), (BuildOutcome::Clean, 1));
    let result: JobResult = serde_json::from_str(&serde_json::to_string(&result).unwrap()).unwrap();

    let here = Project::new(&[("main.tex", ROOT), ("part.tex", PART)]);
    let built = here.build();
    let pdf = fs::read(built.pdf.unwrap()).unwrap();
    assert!(blobs.get(result.pdf.unwrap()).unwrap().unwrap() == pdf);
    let synctex = blobs.get(result.synctex.unwrap()).unwrap().unwrap();
    assert!(synctex.starts_with(&[0x1f, 0x8b]));
    assert!(String::from_utf8_lossy(&blobs.get(result.log).unwrap().unwrap()).contains("XeTeX"));
}

#[test]
fn bytes_that_are_missing_or_damaged_are_not_the_documents_fault() {
    let temp = tempfile::tempdir().unwrap();
    let blobs = store(temp.path());
    let mut job = job("1", &*blobs);
    job.files.insert(path("part.tex"), BlobId::of(b"never sent"));
    let Err(JobFault::Infrastructure(why)) = result(&job, &blobs) else { panic!("it was built") };
    assert!(why.contains("part.tex") && why.contains("not in the store"), "{why}");

    let id = blobs.put(PART.as_bytes()).unwrap().to_string();
    job.files.insert(path("part.tex"), BlobId::of(PART.as_bytes()));
    fs::write(temp.path().join("blobs").join(&id[..2]).join(&id), "Another part.\n").unwrap();
    let Err(JobFault::Infrastructure(why)) = result(&job, &blobs) else { panic!("it was built") };
    assert!(why.contains("damaged"), "{why}");
    // Who has the right bytes puts it right.
    blobs.put(PART.as_bytes()).unwrap();
    assert_eq!(result(&job, &blobs).unwrap().outcome, BuildOutcome::Clean);
}

#[test]
fn who_is_at_fault_is_told_apart() {
    let temp = tempfile::tempdir().unwrap();
    let blobs = store(temp.path());
    let right = job("1", &*blobs);
    let rootless = Job { root: path("other.tex"), ..right.clone() };
    assert!(matches!(result(&rootless, &blobs), Err(JobFault::Invalid(_))));
    let elsewhere = Job { engine: EngineChoice::PdfLatex, ..right.clone() };
    assert!(matches!(result(&elsewhere, &blobs), Err(JobFault::Infrastructure(_))));
    let wrong =
        blobs.put(b"\\documentclass{article}\\begin{document}\\nosuch\\end{document}").unwrap();
    let files = [(path("main.tex"), wrong)].into();
    let faulty = result(&Job { files, ..right.clone() }, &blobs).unwrap();
    assert_eq!(faulty.outcome, BuildOutcome::Errors);
    assert!(!faulty.diagnostics.is_empty());
    let cancel = CancelToken::new();
    cancel.cancel();
    let taken_back = run(&right, &blobs, &bench(), &mut |_| {}, &cancel);
    assert_eq!(taken_back, Err(JobFault::Cancelled));
}

#[test]
fn a_path_that_leads_outside_cannot_be_sent() {
    let temp = tempfile::tempdir().unwrap();
    let sent = serde_json::to_string(&job("1", &*store(temp.path()))).unwrap();
    for outside in ["../part.tex", "/etc/passwd"] {
        let hostile = sent.replace("part.tex", outside);
        assert!(serde_json::from_str::<Job>(&hostile).is_err(), "{outside}");
    }
}

#[test]
fn workers_run_no_more_at_once_than_they_may_and_outlive_a_panic() {
    let temp = tempfile::tempdir().unwrap();
    let blobs = store(temp.path());
    let limits = ScheduleLimits {
        at_once: 2,
        per_user: 2,
        attempts: 2,
        first_pause_ms: 1,
        ..ScheduleLimits::default()
    };
    // Each waits until another runs beside it: fewer at once, and this would never end.
    let (both, at_once, most) =
        (Barrier::new(2), AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let seen = most.clone();
    let workers = Workers::start(4, Schedule::new(limits), move |job, cancel| {
        if job.id == "panics" {
            panic!("as it was to");
        }
        if job.id == "long" {
            while !cancel.is_cancelled() {
                std::thread::yield_now();
            }
            return Err(JobFault::Infrastructure("broken off".to_owned()));
        }
        seen.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        both.wait();
        at_once.fetch_sub(1, Ordering::SeqCst);
        Err(JobFault::Invalid(job.id.clone()))
    })
    .unwrap();
    let submit = |id: &str| workers.submit(job(id, &*blobs)).unwrap();
    let finished = ["1", "2", "3", "4"].map(submit);
    for (finished, id) in finished.iter().zip(["1", "2", "3", "4"]) {
        assert_eq!(finished.recv().unwrap(), Err(JobFault::Invalid(id.to_owned())));
    }
    assert_eq!(most.load(Ordering::SeqCst), 2);
    let Err(JobFault::Infrastructure(why)) = submit("panics").recv().unwrap() else { panic!() };
    assert!(why.contains("panicked"), "{why}");
    assert_eq!(workers.schedule().dead_letters().next().unwrap().faults.len(), 2);
    // Taken back while it runs, and while it waits.
    let (long, last) = (submit("long"), submit("later"));
    while workers.schedule().counts().1 < 2 {
        std::thread::yield_now();
    }
    workers.cancel("long");
    assert_eq!(long.recv().unwrap(), Err(JobFault::Cancelled));
    let partner = submit("partner");
    assert!(last.recv().unwrap().is_err() && partner.recv().unwrap().is_err());
}
