use super::*;
use crate::build::{BuildOptions, BuildOutcome};
use quire_project::{MemoryFiles, ProjectPath};
use std::time::SystemTime;

const KEY: CacheKey<'_> = CacheKey { project: "/p", root: "main.tex", engine: "tectonic" };

fn open(builds: &Path) -> BuildCache {
    BuildCache::open(builds, KEY, &mut || panic!("somebody else holds it")).unwrap()
}

fn path(text: &str) -> ProjectPath {
    ProjectPath::new(text).unwrap()
}

fn setting() -> Setting {
    Setting {
        program: "1".into(),
        bundle: "b".into(),
        job_name: "main".into(),
        options: BuildOptions::default(),
        synctex: true,
        date: (true, 0),
        max_passes: 8,
        writes: true,
    }
}

/// Files that there were when nothing had come or gone.
fn listing() -> ContentHash {
    ContentHash::of(b"main.tex")
}

fn record() -> BuildRecord {
    BuildRecord {
        setting: setting(),
        inputs: vec![InputRecord {
            path: path("main.tex"),
            hash: ContentHash::of(b"text"),
            stamp: None,
        }],
        absent: vec![path("local.cfg")],
        listing: None,
        reusable: true,
        helpers: Vec::new(),
        result: RecordedResult {
            outcome: BuildOutcome::Clean,
            diagnostics: Vec::new(),
            pages: 3,
            passes: Vec::new(),
            outputs: Vec::new(),
            peak_memory_bytes: 0,
        },
        state: None,
    }
}

fn files(list: &[(&str, &str)]) -> MemoryFiles {
    let mut files = MemoryFiles::default();
    for (name, text) in list {
        files.insert(path(name), text.as_bytes().to_vec());
    }
    files
}

#[test]
fn what_was_kept_comes_back() {
    let temp = tempfile::tempdir().unwrap();
    let mut kept = record();
    let state = vec![("main.aux".to_owned(), b"aux".to_vec())];
    open(temp.path()).keep(&mut kept, Some(&state), b"log").unwrap();
    let cache = open(temp.path());
    let found = cache.record().unwrap();
    assert_eq!(found, kept);
    assert_eq!(cache.state(&found), Some(state));
    assert_eq!(cache.log(), b"log");
}

#[test]
fn damage_anywhere_is_as_if_nothing_were_there() {
    let temp = tempfile::tempdir().unwrap();
    let mut kept = record();
    let state = vec![("main.aux".to_owned(), b"aux".to_vec())];
    let cache = open(temp.path());
    cache.keep(&mut kept, Some(&state), b"log").unwrap();
    for name in ["record", "state"] {
        let place = cache.folder.join(name);
        let whole = fs::read(&place).unwrap();
        for damaged in [
            whole[..whole.len() - 1].to_vec(),
            whole[..10].to_vec(),
            Vec::new(),
            [&whole[..], b"x"].concat(),
            vec![0xff; 100],
        ] {
            fs::write(&place, damaged).unwrap();
            let found = cache.record().and_then(|record| cache.state(&record));
            assert_eq!(found, None, "{name}");
        }
        fs::write(&place, whole).unwrap();
    }
    assert!(cache.record().is_some());
}

#[test]
fn a_state_of_another_build_is_not_taken() {
    let temp = tempfile::tempdir().unwrap();
    let cache = open(temp.path());
    let (mut one, mut two) = (record(), record());
    cache.keep(&mut one, Some(&[("a".into(), vec![1])]), b"").unwrap();
    cache.keep(&mut two, Some(&[("a".into(), vec![2])]), b"").unwrap();
    assert_eq!(cache.state(&one), None);
    assert_eq!(cache.state(&two), Some(vec![("a".into(), vec![2])]));
}

#[test]
fn a_second_build_waits_for_the_first() {
    let temp = tempfile::tempdir().unwrap();
    let first = open(temp.path());
    let busy = BuildCache::open(temp.path(), KEY, &mut || false);
    assert!(matches!(busy, Err(CacheError::Busy)));
    let mut first = Some(first);
    let mut asked = 0;
    let second = BuildCache::open(temp.path(), KEY, &mut || {
        asked += 1;
        first = None;
        true
    });
    assert!(second.is_ok());
    assert_eq!(asked, 1);
}

#[test]
fn a_record_holds_until_something_changes() {
    let unchanged = files(&[("main.tex", "text")]);
    let check = |files: &MemoryFiles| record().check(&setting(), files, &listing, &[]);
    assert_eq!(check(&unchanged), Ok(false));
    let changed = files(&[("main.tex", "texts")]);
    assert_eq!(check(&changed), Err(StaleBecause::Changed(path("main.tex"))));
    assert_eq!(check(&files(&[])), Err(StaleBecause::Changed(path("main.tex"))));
    let more = files(&[("main.tex", "text"), ("local.cfg", "")]);
    assert_eq!(check(&more), Err(StaleBecause::Appeared(path("local.cfg"))));
    let other = Setting { synctex: false, ..setting() };
    assert_eq!(record().check(&other, &unchanged, &listing, &[]), Err(StaleBecause::Setting));
}

#[test]
fn a_result_that_was_tampered_with_is_made_again() {
    let temp = tempfile::tempdir().unwrap();
    let place = temp.path().join("main.pdf");
    fs::write(&place, "pdf").unwrap();
    let mut record = record();
    record.result.outputs.push(OutputRecord::of(place.clone(), b"pdf"));
    let files = files(&[("main.tex", "text")]);
    let places = [place.clone()];
    assert_eq!(record.check(&setting(), &files, &listing, &places), Ok(false));
    fs::write(&place, "other").unwrap();
    let stale = Err(StaleBecause::Output(place.clone()));
    assert_eq!(record.check(&setting(), &files, &listing, &places), stale);
    fs::remove_file(&place).unwrap();
    assert_eq!(record.check(&setting(), &files, &listing, &places), stale);
}

#[test]
fn old_and_large_caches_go_and_held_ones_stay() {
    let temp = tempfile::tempdir().unwrap();
    let key = |root| CacheKey { root, ..KEY };
    let open = |root| BuildCache::open(temp.path(), key(root), &mut || false).unwrap();
    let mut kept = record();
    for root in ["a", "b"] {
        open(root).keep(&mut kept, Some(&[("x".into(), vec![0; 1000])]), b"").unwrap();
    }
    let held = open("c");
    let day = Duration::from_secs(24 * 60 * 60);
    let limits = CollectLimits { max_age: day, max_bytes: 1 << 30, interval: day };
    assert_eq!(collect(temp.path(), limits, SystemTime::now()), 0);
    // Not again on the same day.
    let later = SystemTime::now() + day / 2;
    assert_eq!(collect(temp.path(), CollectLimits { max_bytes: 0, ..limits }, later), 0);
    assert_eq!(collect(temp.path(), limits, SystemTime::now() + 3 * day), 2);
    assert!(held.folder.exists());
}

#[test]
fn a_file_that_comes_or_goes_matters_where_nobody_tells_what_was_looked_for() {
    let files = files(&[("main.tex", "text")]);
    let mut record = BuildRecord { listing: Some(listing()), ..record() };
    assert_eq!(record.check(&setting(), &files, &listing, &[]), Ok(false));
    let another = || ContentHash::of(b"main.tex, logo.pdf");
    assert_eq!(record.check(&setting(), &files, &another, &[]), Err(StaleBecause::Listing));
}
