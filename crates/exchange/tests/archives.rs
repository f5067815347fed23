//! Archives as people and attackers make them.

#![allow(clippy::unwrap_used)]

use flate2::{Compression, write::GzEncoder};
use quire_exchange::{
    Content, Encoding, ExportError, ImportError, ImportLimits, ImportNote, Unpacked, export_zip,
    import_archive,
};
use quire_project::ProjectPath;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn tar(files: &[(&str, &[u8])], links: &[&str]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        // Written by hand: the library refuses names that lead outside.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        tar.append(&header, *bytes).unwrap();
    }
    for name in links {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        tar.append_link(&mut header, name, "/etc/passwd").unwrap();
    }
    tar.into_inner().unwrap()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::default());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

/// What came out of an archive, with all that is in the files.
#[derive(Debug)]
struct Project {
    top_folder: Option<String>,
    files: Vec<File>,
    notes: Vec<ImportNote>,
}

#[derive(Debug)]
struct File {
    path: ProjectPath,
    content: Content,
}

fn import(bytes: &[u8]) -> Result<Project, ImportError> {
    let (archive, spool) = (Cursor::new(bytes), Cursor::new(Vec::new()));
    let mut project = import_archive(archive, "archive.gz", ImportLimits::default(), spool)?;
    let mut files = Vec::new();
    for file in project.files.clone() {
        let content = match project.read(&file).unwrap() {
            Unpacked::Text { text, encoding } => Content::Text { text, encoding },
            Unpacked::Binary(mut reader) => {
                let mut bytes = Vec::new();
                reader.read_to_end(&mut bytes).unwrap();
                Content::Binary(bytes)
            }
        };
        files.push(File { path: file.path, content });
    }
    Ok(Project { top_folder: project.top_folder, files, notes: project.notes })
}

fn paths(project: &Project) -> Vec<&str> {
    project.files.iter().map(|file| file.path.as_str()).collect()
}

#[test]
fn a_zip_of_a_folder_loses_the_folder_and_junk() {
    let bytes = zip(&[
        ("paper/main.tex", b"\\section{A}"),
        ("paper/figs/plot.png", b"\x89PNG"),
        ("paper/.DS_Store", b"x"),
        ("__MACOSX/paper/._main.tex", b"x"),
    ]);
    let project = import(&bytes).unwrap();
    assert_eq!(paths(&project), ["figs/plot.png", "main.tex"]);
    assert_eq!(project.top_folder.as_deref(), Some("paper"));
    assert_eq!(project.files[0].content, Content::Binary(b"\x89PNG".to_vec()));
    let text = Content::Text { text: "\\section{A}".into(), encoding: Encoding::Utf8 };
    assert_eq!(project.files[1].content, text);
}

#[test]
fn a_tar_gz_and_a_single_source_of_arxiv() {
    let files: [(&str, &[u8]); 2] =
        [("main.tex", b"\\usepackage[latin9]{inputenc}"), ("ch/a.tex", b"\xa4")];
    for bytes in [gz(&tar(&files, &["link"])), tar(&files, &["link"])] {
        let project = import(&bytes).unwrap();
        assert_eq!(paths(&project), ["ch/a.tex", "main.tex"]);
        assert_eq!(project.notes, [ImportNote::NotAFile { entry: "link".into() }]);
        let euro = Content::Text { text: "€".into(), encoding: Encoding::Declared("latin9") };
        assert_eq!(project.files[0].content, euro, "the root tells the encoding of its chapters");
    }
    let project = import(&gz(b"\\documentclass{article}")).unwrap();
    assert_eq!(paths(&project), ["main.tex"]);
    assert!(matches!(import(&gz(b"%PDF-1.5")), Err(ImportError::NotAnArchive)));
}

#[test]
fn entries_that_lead_outside_are_refused_by_name() {
    for name in ["../x", "/x", "a/../../x", "C:/x", "..\\x"] {
        for bytes in [zip(&[("main.tex", b""), (name, b"")]), gz(&tar(&[(name, b"")], &[]))] {
            let error = import(&bytes).unwrap_err();
            assert!(
                matches!(&error, ImportError::LeadsOutside { entry } if entry == name),
                "{error}"
            );
        }
    }
}

#[test]
fn links_in_zips_are_passed_over() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    zip.start_file("main.tex", SimpleFileOptions::default()).unwrap();
    let project = import(&zip.finish().unwrap().into_inner()).unwrap();
    assert_eq!(paths(&project), ["main.tex"]);
    assert_eq!(project.notes, [ImportNote::NotAFile { entry: "link".into() }]);
}

#[test]
fn bombs_are_refused_before_they_fill_the_memory() {
    let zeros = vec![0; 8 << 20];
    let error = import(&zip(&[("main.tex", b""), ("bomb.dat", &zeros)])).unwrap_err();
    assert!(error.to_string().contains("`bomb.dat`: it grows suspiciously"), "{error}");
    let limits = ImportLimits { total_bytes: 1_000, file_bytes: 800, entries: 3, ratio: 250 };
    let refused = |bytes: &[u8]| {
        import_archive(Cursor::new(bytes), "", limits, Cursor::new(Vec::new()))
            .unwrap_err()
            .to_string()
    };
    let long = [b'a'; 900];
    assert!(refused(&zip(&[("a", &long)])).ends_with("files may have 800 bytes"));
    let two = [("a", &long[..600]), ("b", &long[..600])];
    assert!(refused(&zip(&two)).ends_with("all files together may have 1000 bytes"));
    assert!(refused(&gz(&tar(&two, &[]))).ends_with("all files together may have 1000 bytes"));
    let many = [("a", &b""[..]), ("b", b""), ("c", b""), ("d", b"")];
    assert!(refused(&zip(&many)).ends_with("3 entries"));
    assert!(refused(&gz(&tar(&many, &[]))).ends_with("3 entries"));
    // What is passed over counts too.
    let mut junk = tar(&[(".DS_Store", &zeros)], &[]);
    junk.truncate(junk.len() - 1024);
    assert!(refused(&gz(&junk)).contains("unpacks to more"), "{}", refused(&gz(&junk)));
}

#[test]
fn encrypted_entries_are_named() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(
        "main.tex",
        SimpleFileOptions::default().compression_method(CompressionMethod::Stored),
    )
    .unwrap();
    zip.write_all(b"text").unwrap();
    let mut bytes = zip.finish().unwrap().into_inner();
    // The flag in the local and the central header.
    bytes[6] |= 1;
    let central = bytes.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    bytes[central + 8] |= 1;
    let error = import(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "`main.tex` is protected with a password");
}

#[test]
fn names_that_clash_are_told() {
    let project = import(&zip(&[("Fig.png", b""), ("fig.png", b""), ("a\\b.tex", b"")])).unwrap();
    assert_eq!(paths(&project), ["Fig.png", "a/b.tex", "fig.png"]);
    let path = |path: &str| ProjectPath::new(path).unwrap();
    assert_eq!(
        project.notes,
        [ImportNote::CaseClash { path: path("fig.png"), other: path("Fig.png") }]
    );
    let project = import(&zip(&[("a.tex", b"1"), ("./a.tex", b"2")])).unwrap();
    assert_eq!(project.notes, [ImportNote::Twice { path: path("a.tex") }]);
    let text = Content::Text { text: "2".into(), encoding: Encoding::Utf8 };
    assert_eq!(project.files[0].content, text);
    let error = import(&zip(&[("a", b""), ("a/b", b"")])).unwrap_err();
    assert!(matches!(&error, ImportError::Clash { entry } if entry == "a"), "{error}");
}

#[test]
fn old_names_are_read_in_the_old_code_page() {
    let mut bytes = zip(&[("Gr__e.tex", b"")]);
    for at in 0..bytes.len() - 9 {
        if &bytes[at..at + 9] == b"Gr__e.tex" {
            // ü and ß of code page 437.
            bytes[at + 2] = 0x81;
            bytes[at + 3] = 0xe1;
        }
    }
    assert_eq!(paths(&import(&bytes).unwrap()), ["Grüße.tex"]);
}

#[test]
fn what_is_no_archive_or_empty_is_told() {
    for bytes in [&b""[..], b"%PDF-1.5", b"\\documentclass{article}", &[0; 2_000]] {
        assert!(matches!(import(bytes), Err(ImportError::NotAnArchive)), "{bytes:?}");
    }
    assert!(matches!(import(b"PK\x03\x04"), Err(ImportError::Damaged { .. })));
    assert!(matches!(import(&zip(&[])), Err(ImportError::Empty)));
    assert!(matches!(import(&zip(&[(".DS_Store", b"")])), Err(ImportError::Empty)));
}

#[test]
fn what_is_exported_is_the_same_every_time_and_comes_back() {
    let path = |path: &str| ProjectPath::new(path).unwrap();
    let (a, b) = (path("über/ä.tex"), path("main.tex"));
    let export = |files: [(&ProjectPath, &[u8]); 2]| {
        let mut bytes = Cursor::new(Vec::new());
        let paths: Vec<ProjectPath> = files.iter().map(|(path, _)| (*path).clone()).collect();
        let read = |wanted: &ProjectPath| -> Result<_, ExportError> {
            Ok(files.iter().find(|(path, _)| *path == wanted).map(|(_, bytes)| *bytes))
        };
        assert_eq!(export_zip(&paths, read, &mut bytes).unwrap(), 2);
        bytes.into_inner()
    };
    let bytes = export([(&a, b"A\r\n"), (&b, b"B")]);
    assert!(bytes == export([(&b, b"B"), (&a, b"A\r\n")]));
    let project = import(&bytes).unwrap();
    assert_eq!(paths(&project), ["main.tex", "über/ä.tex"]);
    let text = Content::Text { text: "A\r\n".into(), encoding: Encoding::Utf8 };
    assert_eq!(project.files[1].content, text);
}

#[test]
fn changed_archives_never_panic_or_lead_outside() {
    let files: [(&str, &[u8]); 3] = [
        ("p/main.tex", b"\\input{a}\\bibliography{b}"),
        ("p/a.tex", b"A"),
        ("p/b.bib", b"@book{}"),
    ];
    let seeds = [zip(&files), tar(&files, &["l"]), gz(&tar(&files, &["l"]))];
    let seed: u64 = std::env::var("QUIRE_SEED").map_or(1, |seed| seed.parse().unwrap());
    println!("QUIRE_SEED={seed}");
    let limits =
        ImportLimits { total_bytes: 1 << 20, file_bytes: 1 << 20, entries: 100, ratio: 100 };
    for round in 0..3_000_u64 {
        let mut random = fastrand::Rng::with_seed(seed ^ (round << 32));
        let mut bytes = seeds[random.usize(0..seeds.len())].clone();
        for _ in 0..random.usize(1..6) {
            let at = random.usize(0..bytes.len());
            match random.u8(0..4) {
                0 => bytes[at] = random.u8(..),
                1 => bytes[at] ^= 1 << random.u8(0..8),
                2 => bytes.truncate(at.max(4)),
                _ => bytes.splice(at..at, [0xff; 4]).for_each(drop),
            }
        }
        if let Ok(project) =
            import_archive(Cursor::new(&bytes), "x.gz", limits, Cursor::new(Vec::new()))
        {
            for file in project.files {
                let leads_out = file.path.as_str().split('/').any(|part| part == "..");
                assert!(!leads_out, "QUIRE_SEED={seed}, round {round}");
            }
        }
    }
}

/// A disk that takes so many bytes.
#[derive(Debug)]
struct SmallDisk(Cursor<Vec<u8>>, usize);

impl Write for SmallDisk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        assert!(bytes.len() <= 64 << 10, "{} bytes at once: all of a file in memory", bytes.len());
        self.1 = self.1.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
        self.0.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for SmallDisk {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Seek for SmallDisk {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn files_are_unpacked_piece_by_piece_and_a_full_disk_is_told() {
    let figure: Vec<u8> =
        (0..700_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 7) as u8).collect();
    let bytes = zip(&[("a.png", &figure), ("b.png", &figure)]);
    let unpack = |room| {
        let disk = SmallDisk(Cursor::new(Vec::new()), room);
        import_archive(Cursor::new(&bytes), "a.zip", ImportLimits::default(), disk)
    };
    let mut project = unpack(1_400_000).unwrap();
    let second = project.files[1].clone();
    let Unpacked::Binary(mut reader) = project.read(&second).unwrap() else { panic!("a text") };
    let mut read = Vec::new();
    reader.read_to_end(&mut read).unwrap();
    assert!(read == figure);
    let error = unpack(1_000_000).unwrap_err();
    assert!(
        matches!(&error, ImportError::Spool(e) if e.kind() == io::ErrorKind::StorageFull),
        "{error}"
    );
}
