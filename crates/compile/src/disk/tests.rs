use super::*;
use std::fs;

fn path(text: &str) -> ProjectPath {
    ProjectPath::new(text).unwrap()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let temp = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let place = temp.path().join(name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }
    temp
}

fn read(files: &DiskFolder, name: &str) -> Option<String> {
    let bytes = files.read(&path(name)).unwrap()?;
    Some(String::from_utf8(bytes.to_vec()).unwrap())
}

#[test]
fn reads_files_and_knows_what_is_missing() {
    let temp = folder(&[("a.tex", "A"), ("ch 1/ü.tex", "U")]);
    let files = DiskFolder::open(temp.path()).unwrap();
    assert_eq!(read(&files, "a.tex").as_deref(), Some("A"));
    assert_eq!(read(&files, "ch 1/ü.tex").as_deref(), Some("U"));
    assert_eq!(read(&files, "b.tex"), None);
    assert_eq!(read(&files, "a.tex/b"), None);
    assert_eq!(read(&files, &"x".repeat(5000)), None);
    assert!(matches!(files.read(&path("ch 1")), Err(ReadError::NotAFile { .. })));
    assert!(DiskFolder::open(&temp.path().join("none")).is_err());
}

#[test]
fn a_build_sees_the_file_as_it_was_first_read() {
    let temp = folder(&[("a.tex", "one")]);
    let files = DiskFolder::open(temp.path()).unwrap();
    assert_eq!(read(&files, "a.tex").as_deref(), Some("one"));
    assert_eq!(read(&files, "b.tex"), None);
    fs::write(temp.path().join("a.tex"), "two").unwrap();
    fs::write(temp.path().join("b.tex"), "new").unwrap();
    assert_eq!(read(&files, "a.tex").as_deref(), Some("one"));
    assert_eq!(read(&files, "b.tex"), None);
    assert_eq!(files.stamp(&path("b.tex")), Stamp::Missing);
}

#[test]
fn unsaved_text_goes_before_the_disk() {
    let temp = folder(&[("a.tex", "saved")]);
    let overlay =
        [(path("a.tex"), Arc::from(&b"unsaved"[..])), (path("new.tex"), Arc::from(&b"n"[..]))];
    let files = DiskFolder::open(temp.path()).unwrap().with_overlay(overlay);
    assert_eq!(read(&files, "a.tex").as_deref(), Some("unsaved"));
    assert_eq!(files.list(), [path("a.tex"), path("new.tex")]);
    assert_eq!(files.stamp(&path("a.tex")), Stamp::Unknown);
}

#[test]
fn too_large_a_file_is_refused_with_its_size() {
    let temp = folder(&[("a.tex", "12345")]);
    let files = DiskFolder::open(temp.path()).unwrap().with_file_limit(4);
    let error = files.read(&path("a.tex")).unwrap_err();
    assert!(matches!(error, ReadError::TooLarge { bytes: 5, limit: 4, .. }), "{error}");
}

#[test]
fn the_placeholder_of_a_link_serves_its_target() {
    let temp = folder(&[
        ("cv.cls", "\\ProvidesClass{cv}"),
        ("examples/cv.cls", "../cv.cls"),
        ("twice/cv.cls", "../examples/cv.cls"),
        ("other.txt", "cv.cls"),
        ("loop.sty", "pool.sty"),
        ("pool.sty", "loop.sty"),
        ("outside.cls", "../../cv.cls"),
        ("two.cls", "cv.cls\n"),
    ]);
    let files = DiskFolder::open(temp.path()).unwrap();
    assert_eq!(read(&files, "examples/cv.cls").as_deref(), Some("\\ProvidesClass{cv}"));
    assert_eq!(files.stand_in(&path("examples/cv.cls")), Some(path("cv.cls")));
    assert_eq!(read(&files, "twice/cv.cls").as_deref(), Some("\\ProvidesClass{cv}"));
    for plain in ["other.txt", "loop.sty", "outside.cls", "two.cls"] {
        assert_eq!(files.stand_in(&path(plain)), None, "{plain}");
    }
    assert_eq!(read(&files, "two.cls").as_deref(), Some("cv.cls\n"));
}

#[test]
fn the_corpus_has_a_placeholder() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/awesome-cv");
    let files = DiskFolder::open(&corpus).expect("the corpus lies beside the repository");
    let class = path("examples/awesome-cv.cls");
    assert!(read(&files, class.as_str()).unwrap().contains("\\ProvidesClass{awesome-cv}"));
    assert_eq!(files.stand_in(&class), Some(path("awesome-cv.cls")));
}

#[cfg(unix)]
mod links {
    use super::*;
    use std::os::unix::{ffi::OsStrExt, fs::symlink};

    #[test]
    fn links_inside_are_followed_and_links_outside_refused() {
        let outside = folder(&[("secret.tex", "secret")]);
        let temp = folder(&[("real/a.tex", "A")]);
        let top = temp.path();
        symlink("real/a.tex", top.join("relative.tex")).unwrap();
        symlink(top.join("real/a.tex"), top.join("absolute.tex")).unwrap();
        symlink("real", top.join("folder")).unwrap();
        symlink(outside.path().join("secret.tex"), top.join("out.tex")).unwrap();
        symlink(outside.path(), top.join("outdir")).unwrap();
        symlink("../../../../../../../../etc/passwd", top.join("passwd.tex")).unwrap();
        symlink("nowhere", top.join("dangling.tex")).unwrap();
        symlink("self.tex", top.join("self.tex")).unwrap();
        let files = DiskFolder::open(top).unwrap();
        for inside in ["relative.tex", "absolute.tex", "folder/a.tex"] {
            assert_eq!(read(&files, inside).as_deref(), Some("A"), "{inside}");
        }
        for out in ["out.tex", "outdir/secret.tex", "passwd.tex"] {
            let error = files.read(&path(out)).unwrap_err();
            assert!(matches!(error, ReadError::LeadsOutside { .. }), "{out}: {error}");
        }
        assert_eq!(read(&files, "dangling.tex"), None);
        assert!(matches!(files.read(&path("self.tex")), Err(ReadError::Io { .. })));
        assert_eq!(files.list(), [path("real/a.tex"), path("relative.tex")]);
    }

    #[test]
    fn a_fifo_or_device_is_refused_at_once() {
        let temp = folder(&[]);
        let fifo = temp.path().join("pipe.tex");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let files = DiskFolder::open(temp.path()).unwrap();
        let error = files.read(&path("pipe.tex")).unwrap_err();
        assert!(matches!(error, ReadError::NotAFile { .. }), "{error}");
        assert_eq!(files.list(), []);
    }

    #[test]
    fn names_that_are_not_utf8_are_told_apart() {
        let temp = folder(&[("a.tex", "A")]);
        fs::write(temp.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9.tex")), "x").unwrap();
        let files = DiskFolder::open(temp.path()).unwrap();
        assert_eq!(files.list(), [path("a.tex")]);
        assert_eq!(files.listing().unnameable, ["/caf\u{fffd}.tex"]);
    }
}

#[test]
fn the_walk_leaves_out_what_no_author_wrote() {
    let temp = folder(&[
        ("main.tex", ""),
        ("ch/a.tex", ""),
        (".git/config", ""),
        ("node_modules/x/y.tex", ""),
        ("_minted-main/x.pygtex", ""),
        (".latexmkrc", ""),
    ]);
    let files = DiskFolder::open(temp.path()).unwrap();
    assert_eq!(files.list(), [path(".latexmkrc"), path("ch/a.tex"), path("main.tex")]);
}

#[test]
fn a_stamp_is_given_once_a_file_has_settled() {
    let temp = folder(&[("a.tex", &"x".repeat(2000))]);
    let place = temp.path().join("a.tex");
    let fresh = DiskFolder::open(temp.path()).unwrap();
    assert_eq!(fresh.stamp(&path("a.tex")), Stamp::Unknown);
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(100);
    fs::File::options().write(true).open(&place).unwrap().set_modified(long_ago).unwrap();
    let Stamp::Known(before) = fresh.stamp(&path("a.tex")) else { panic!("no stamp") };
    assert_eq!(before.bytes, 2000);
    fresh.read(&path("a.tex")).unwrap();
    assert_eq!(fresh.stamp(&path("a.tex")), Stamp::Known(before));
}
