//! Whatever happens to an installed bundle or to an archive: it is told, with the file and a cure, and
//! nothing panics.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod support;

use quire_bundle::{BundleDir, BundleError, Damage, Pack, build};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

fn damage_of(bundle: &BundleDir) -> (String, Damage) {
    match bundle.verify().unwrap_err() {
        BundleError::Damaged { path, damage } => {
            let below = path.strip_prefix(bundle.path()).unwrap();
            (below.to_str().unwrap().to_owned(), damage)
        }
        other => panic!("{other}"),
    }
}

#[test]
fn damage_beside_the_pack_names_the_file() {
    type Harm = fn(&Path);
    let cases: [(&str, Damage, Harm); 8] = [
        ("latex.fmt", Damage::Changed, |path| fs::write(path, "no format").unwrap()),
        ("latex.fmt", Damage::Missing, |path| fs::remove_file(path).unwrap()),
        ("tools/biber/biber", Damage::Changed, |path| {
            fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
        }),
        ("tools/biber/planted.pm", Damage::Unexpected, |path| fs::write(path, "").unwrap()),
        ("fonts/cm.otf", Damage::Changed, |path| fs::write(path, "OTTx").unwrap()),
        ("fonts/cm.otf", Damage::Missing, |path| fs::remove_file(path).unwrap()),
        ("fonts/other.otf", Damage::Unexpected, |path| fs::write(path, "").unwrap()),
        ("files.list", Damage::Changed, |path| fs::write(path, "").unwrap()),
    ];
    for (file, damage, harm) in cases {
        let (_dir, bundle) = support::tiny();
        harm(&bundle.path().join(file));
        assert_eq!(damage_of(&bundle), (file.to_owned(), damage));
        let message = bundle.verify().unwrap_err().to_string();
        assert!(message.contains("install") && message.contains(file), "{message}");
    }
}

/// A small generator of numbers (xorshift): the same seed gives the same damage.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    /// Change, cut or lengthen bytes at random places.
    fn harm(&mut self, bytes: &mut Vec<u8>) {
        match self.below(4) {
            0 => bytes.truncate(self.below(bytes.len())),
            1 => bytes.extend(vec![0x5a; 1 + self.below(100)]),
            _ => {
                for _ in 0..=self.below(8) {
                    let at = self.below(bytes.len());
                    bytes[at] ^= u8::try_from(1 + self.below(255)).unwrap();
                }
            }
        }
    }
}

#[test]
fn random_damage_to_a_pack_is_always_found() {
    let (_dir, bundle) = support::tiny();
    let whole = fs::read(bundle.pack_path()).unwrap();
    for seed in 1..3000 {
        let mut damaged = whole.clone();
        Random(seed).harm(&mut damaged);
        if damaged == whole {
            continue;
        }
        if let Ok(pack) = Pack::open(&damaged) {
            let names: Vec<&str> = pack.names().collect();
            names.iter().for_each(|name| {
                assert!(pack.get(name).is_none_or(|file| file.len() < whole.len()))
            });
            assert!(pack.verify().is_err(), "seed {seed}");
        }
    }
}

#[test]
fn random_damage_to_a_manifest_never_panics() {
    let (_dir, bundle) = support::tiny();
    let path = bundle.path().join("manifest.json");
    let whole = fs::read(&path).unwrap();
    for seed in 1..1000 {
        let mut damaged = whole.clone();
        Random(seed).harm(&mut damaged);
        fs::write(&path, &damaged).unwrap();
        // A changed letter in a description is no damage; a bundle that opens must still be usable.
        match BundleDir::open(bundle.path()) {
            Ok(opened) => {
                drop((opened.verify(), opened.tool("biber"), opened.check_format_serial(33)))
            }
            Err(error) => assert!(error.to_string().contains("reinstall"), "seed {seed}: {error}"),
        }
    }
}

#[test]
fn random_damage_to_an_archive_installs_nothing_false() {
    let (dir, bundle) = support::tiny();
    let archive = build::pack_archive(bundle.path(), dir.path()).unwrap();
    let whole = fs::read(&archive).unwrap();
    let bundles = dir.path().join("installed");
    for seed in 1..300 {
        let mut damaged = whole.clone();
        Random(seed).harm(&mut damaged);
        fs::write(&archive, &damaged).unwrap();
        // zstd ignores what follows the last frame only if it is a frame: anything that installs is whole.
        if let Ok(installed) = build::install(&archive, &bundles) {
            let installed = BundleDir::open(&installed).unwrap();
            installed.verify().unwrap();
            assert_eq!(installed.manifest(), bundle.manifest(), "seed {seed}");
        }
        let left = fs::read_dir(&bundles).unwrap().flatten().map(|entry| entry.file_name());
        assert!(
            left.into_iter().all(|name| !name.to_string_lossy().starts_with('.')),
            "seed {seed}"
        );
    }
    fs::write(&archive, &whole).unwrap();
    let installed = BundleDir::open(&build::install(&archive, &bundles).unwrap()).unwrap();
    assert_eq!(installed.manifest(), bundle.manifest());
    installed.verify().unwrap();
    // Again over itself.
    build::install(&archive, &bundles).unwrap();
    installed.verify().unwrap();
}
