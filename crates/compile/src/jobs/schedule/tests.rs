use super::*;
use crate::{
    build::{BuildOptions, BuildOutcome, EngineChoice},
    jobs::{BlobId, JobLimits},
};
use quire_project::ProjectPath;

fn job(id: &str, user: &str) -> Job {
    Job {
        id: id.to_owned(),
        user: user.to_owned(),
        project: "paper".to_owned(),
        root: ProjectPath::new("main.tex").unwrap(),
        files: BTreeMap::from([(ProjectPath::new("main.tex").unwrap(), BlobId::of(b"text"))]),
        engine: EngineChoice::PdfLatex,
        options: BuildOptions::default(),
        shell_escape: false,
        limits: JobLimits::default(),
        date_s: 0,
        synctex: true,
    }
}

fn well() -> Result<JobResult, JobFault> {
    Ok(JobResult {
        outcome: BuildOutcome::Errors,
        pages: 1,
        pdf: None,
        synctex: None,
        log: BlobId::of(b"log"),
        diagnostics: Vec::new(),
        passes: Vec::new(),
        peak_memory_bytes: 0,
        wall_ms: 1,
    })
}

fn broken() -> Result<JobResult, JobFault> {
    Err(JobFault::Infrastructure("the runtime went away".to_owned()))
}

fn schedule(limits: ScheduleLimits, jobs: &[(&str, &str)]) -> Schedule {
    let mut schedule = Schedule::new(limits);
    jobs.iter().for_each(|(id, user)| schedule.submit(job(id, user)).unwrap());
    schedule
}

/// The ids of all that may run now.
fn started(schedule: &mut Schedule, now_ms: u64) -> Vec<String> {
    std::iter::from_fn(|| schedule.next(now_ms)).map(|leased| leased.job.id).collect()
}

#[test]
fn who_has_many_jobs_keeps_nobody_waiting() {
    let limits = ScheduleLimits { at_once: 1, ..ScheduleLimits::default() };
    let jobs = [("a1", "ann"), ("a2", "ann"), ("a3", "ann"), ("b1", "bob"), ("c1", "cy")];
    let mut schedule = schedule(limits, &jobs);
    let mut order = Vec::new();
    while let Some(leased) = schedule.next(0) {
        assert_eq!(schedule.finished(&leased.job.id, &well(), 0), JobState::Gone);
        order.push(leased.job.id);
    }
    assert_eq!(order, ["a1", "b1", "c1", "a2", "a3"]);
    assert_eq!(schedule.counts(), (0, 0));
}

#[test]
fn no_more_run_at_once_than_may_and_of_one_user_fewer() {
    let limits = ScheduleLimits { at_once: 3, per_user: 2, ..ScheduleLimits::default() };
    let jobs = [("a1", "ann"), ("a2", "ann"), ("a3", "ann"), ("b1", "bob"), ("b2", "bob")];
    let mut schedule = schedule(limits, &jobs);
    assert_eq!(started(&mut schedule, 0), ["a1", "b1", "a2"]);
    schedule.finished("b1", &well(), 0);
    // Ann has two that run.
    assert_eq!(started(&mut schedule, 0), ["b2"]);
}

#[test]
fn only_what_was_the_workers_fault_is_tried_again_and_not_for_ever() {
    let mut schedule = schedule(ScheduleLimits::default(), &[("a", "ann")]);
    for (attempt, pause) in [(1, 500), (2, 2000)] {
        let now = 10_000 * u64::from(attempt);
        assert_eq!(schedule.next(now).unwrap().attempt, attempt);
        assert_eq!(schedule.finished("a", &broken(), now), JobState::Waiting);
        assert_eq!(schedule.next_in_ms(now), Some(pause));
        assert_eq!(schedule.next(now + pause - 1), None);
    }
    assert_eq!(schedule.next(90_000).unwrap().attempt, 3);
    assert_eq!(schedule.finished("a", &broken(), 90_000), JobState::Dead);
    let letter = schedule.dead_letters().next().unwrap();
    assert_eq!((letter.job.id.as_str(), letter.faults.len()), ("a", 3));
    // Somebody has mended the runtime.
    assert_eq!(schedule.revive("a"), Ok(JobState::Waiting));
    assert_eq!(schedule.next(90_000).unwrap().attempt, 1);
    assert_eq!(schedule.finished("a", &well(), 90_000), JobState::Gone);
    assert_eq!(schedule.dead_letters().count(), 0);
}

#[test]
fn a_faulty_document_is_a_result_and_a_wrong_job_is_not_tried_again() {
    let mut schedule = schedule(ScheduleLimits::default(), &[("a", "ann"), ("b", "bob")]);
    started(&mut schedule, 0);
    assert_eq!(schedule.finished("a", &well(), 0), JobState::Gone);
    let wrong = Err(JobFault::Invalid("there is no file `main.tex`".to_owned()));
    assert_eq!(schedule.finished("b", &wrong, 0), JobState::Dead);
    assert_eq!(schedule.next(u64::MAX), None);
}

#[test]
fn a_job_that_waits_for_another_attempt_lets_others_of_its_user_go_first() {
    let mut schedule = schedule(ScheduleLimits::default(), &[("a", "ann"), ("b", "ann")]);
    assert_eq!(started(&mut schedule, 0), ["a"]);
    schedule.finished("a", &broken(), 0);
    assert_eq!(started(&mut schedule, 0), ["b"]);
}

#[test]
fn a_user_may_only_have_so_many_that_wait_and_each_id_once() {
    let limits = ScheduleLimits { waiting_per_user: 2, ..ScheduleLimits::default() };
    let mut schedule = schedule(limits, &[("a", "ann"), ("b", "ann")]);
    assert_eq!(schedule.submit(job("c", "ann")), Err(Refused::TooMany { waiting: 2 }));
    assert_eq!(schedule.submit(job("c", "bob")), Ok(()));
    assert_eq!(schedule.submit(job("c", "bob")), Err(Refused::Known { id: "c".to_owned() }));
    assert_eq!(schedule.cancel("a"), JobState::Gone);
    assert_eq!(schedule.submit(job("d", "ann")), Ok(()));
}

#[test]
fn what_ran_when_the_worker_was_killed_waits_again_after_a_restart() {
    let mut before =
        schedule(ScheduleLimits::default(), &[("a", "ann"), ("b", "ann"), ("c", "cy")]);
    assert_eq!(started(&mut before, 0), ["a", "c"]);
    before.finished("c", &broken(), 1_000_000);
    let stored = serde_json::to_string(&before).unwrap();
    let restored: Schedule = serde_json::from_str(&stored).unwrap();
    let mut after = restored.restarted();
    let leased = after.next(0).unwrap();
    assert_eq!((leased.job.id.as_str(), leased.attempt), ("a", 2));
    // Its time was of the clock before.
    assert_eq!(started(&mut after, 0), ["c"]);
    // One that takes its worker with it each time is not tried for ever.
    let again = after.restarted().next(0).map(|leased| leased.attempt);
    assert_eq!(again, Some(3));
}

#[test]
fn only_so_many_dead_letters_are_kept() {
    let limits = ScheduleLimits { dead_letters: 2, attempts: 1, ..ScheduleLimits::default() };
    let mut schedule = schedule(limits, &[("a", "ann"), ("b", "bob"), ("c", "cy")]);
    for id in ["a", "b", "c"] {
        schedule.next(0).unwrap();
        assert_eq!(schedule.finished(id, &broken(), 0), JobState::Dead);
    }
    let kept: Vec<&str> = schedule.dead_letters().map(|letter| letter.job.id.as_str()).collect();
    assert_eq!(kept, ["c", "b"]);
}
