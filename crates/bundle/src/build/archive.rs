//! A bundle as one compressed file, and back. The archive may come from anywhere: unpacking trusts
//! nothing in it.

use super::{BuildError, io_at, place::Place};
use crate::{BundleDir, Manifest, files};
use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read},
    path::{Component, Path, PathBuf},
};
use walkdir::WalkDir;

/// No bundle is larger than this when unpacked.
const UNPACKED_LIMIT_BYTES: u64 = 16 << 30;
/// zstd level: beyond it the file hardly shrinks and the time explodes.
const LEVEL: i32 = 19;

/// Write `<name>-<digest>.tar.zst` of a bundle into a folder. The same bundle gives the same bytes.
pub fn pack_archive(bundle: &Path, into: &Path) -> Result<PathBuf, BuildError> {
    let name = bundle.file_name().and_then(|name| name.to_str()).unwrap_or("bundle");
    let target = into.join(format!("{name}.tar.zst"));
    let partial = into.join(format!("{name}.tar.zst.partial"));
    let out = BufWriter::new(File::create(&partial).map_err(io_at(&partial))?);
    let mut encoder = zstd::Encoder::new(out, LEVEL).map_err(io_at(&partial))?;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    encoder
        .multithread(u32::try_from(threads).unwrap_or(1))
        .and_then(|()| encoder.long_distance_matching(true))
        .and_then(|()| encoder.window_log(27))
        .map_err(io_at(&partial))?;
    let mut tar = tar::Builder::new(encoder);
    for entry in WalkDir::new(bundle).sort_by_file_name().into_iter().flatten() {
        append(&mut tar, bundle, entry.path()).map_err(io_at(entry.path()))?;
    }
    let finished = tar.into_inner().and_then(zstd::Encoder::finish).and_then(|out| {
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()
    });
    finished.map_err(io_at(&partial))?;
    fs::rename(&partial, &target).map_err(io_at(&target))?;
    Ok(target)
}

fn append<W: io::Write>(tar: &mut tar::Builder<W>, root: &Path, path: &Path) -> io::Result<()> {
    let relative = path.strip_prefix(root).unwrap_or(path);
    // The fonts are in the pack as well: unpacking writes them again.
    if relative.as_os_str().is_empty() || relative.starts_with(files::FONTS) {
        return Ok(());
    }
    let kind = fs::symlink_metadata(path)?;
    let mut header = tar::Header::new_gnu();
    header.set_mtime(0);
    if kind.is_symlink() {
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        return tar.append_link(&mut header, relative, fs::read_link(path)?);
    }
    if !kind.is_file() {
        return Ok(());
    }
    header.set_size(kind.len());
    header.set_mode(if files::is_executable(&kind) { 0o755 } else { 0o644 });
    tar.append_data(&mut header, relative, BufReader::new(File::open(path)?))
}

/// Unpack an archive into `bundles`, check it, and put it in place at once or not at all.
pub fn install(archive: &Path, bundles: &Path) -> Result<PathBuf, BuildError> {
    let place = Place::hold(bundles)?;
    let unfinished = place.begin()?;
    let manifest = unpack(archive, unfinished.path())?;
    let digest = manifest.digest.get(..12).unwrap_or_default();
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !plain(&manifest.name) || !plain(digest) || digest.is_empty() {
        return Err(BuildError::BadArchive("its manifest has no proper name".into()));
    }
    unfinished.finish(&format!("{}-{digest}", manifest.name))
}

fn unpack(archive: &Path, into: &Path) -> Result<Manifest, BuildError> {
    let bad = |what: String| BuildError::BadArchive(what);
    let file = File::open(archive).map_err(io_at(archive))?;
    let mut decoder = zstd::Decoder::new(file).map_err(io_at(archive))?;
    decoder.window_log_max(27).map_err(io_at(archive))?;
    let mut tar = tar::Archive::new(decoder.take(UNPACKED_LIMIT_BYTES));
    let entries = tar.entries().map_err(|e| bad(e.to_string()))?;
    for entry in entries {
        let mut entry = entry.map_err(|e| bad(e.to_string()))?;
        let path = entry.path().map_err(|e| bad(e.to_string()))?.into_owned();
        if !stays_inside(&path) {
            return Err(bad(format!("`{}` leads outside", path.display())));
        }
        match entry.header().entry_type() {
            tar::EntryType::Regular => {}
            tar::EntryType::Symlink => {
                // One step up is enough to lead out through another link, so there is none.
                let link = entry.link_name().ok().flatten().unwrap_or_default().into_owned();
                if !stays_inside(&link) {
                    return Err(bad(format!("the link `{}` leads outside", path.display())));
                }
            }
            other => return Err(bad(format!("`{}` is a {other:?}", path.display()))),
        }
        if !entry.unpack_in(into).map_err(|e| bad(e.to_string()))? {
            return Err(bad(format!("`{}` leads outside", path.display())));
        }
    }
    let bundle = BundleDir::open(into).map_err(|e| bad(e.to_string()))?;
    unpack_fonts(&bundle)?;
    bundle.verify().map_err(|e| bad(e.to_string()))?;
    Ok(bundle.manifest().clone())
}

fn unpack_fonts(bundle: &BundleDir) -> Result<(), BuildError> {
    let path = bundle.pack_path();
    let bytes = fs::read(&path).map_err(io_at(&path))?;
    let pack = crate::Pack::open(bytes).map_err(|e| BuildError::BadArchive(e.to_string()))?;
    let fonts = bundle.fonts_path();
    fs::create_dir_all(&fonts).map_err(io_at(&fonts))?;
    for name in pack.names() {
        if files::is_font_file(name) {
            let path = fonts.join(name);
            fs::write(&path, pack.get(name).unwrap_or_default()).map_err(io_at(&path))?;
        }
    }
    Ok(())
}

fn stays_inside(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive_with(path: &str, link: Option<&str>) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        // `set_path` would refuse what an attacker writes by hand.
        header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
        if let Some(link) = link {
            header.set_entry_type(tar::EntryType::Symlink);
            header.as_mut_bytes()[157..157 + link.len()].copy_from_slice(link.as_bytes());
        }
        header.set_cksum();
        tar.append(&header, io::empty()).unwrap();
        zstd::encode_all(&tar.into_inner().unwrap()[..], 1).unwrap()
    }

    #[test]
    fn hostile_archives_are_refused_and_leave_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let cases = [
            ("../evil", None),
            ("/etc/evil", None),
            ("a/link", Some("../../evil")),
            ("link", Some("/etc")),
            // Up to the top, from where a second link would go one further.
            ("a/b/c/top", Some("../../..")),
            ("a/up", Some("..")),
        ];
        for (path, link) in cases {
            let archive = dir.path().join("a.tar.zst");
            fs::write(&archive, archive_with(path, link)).unwrap();
            let bundles = dir.path().join("bundles");
            let error = install(&archive, &bundles).unwrap_err();
            assert!(matches!(error, BuildError::BadArchive(_)), "{path}: {error}");
            let left = fs::read_dir(&bundles).unwrap().flatten();
            let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
            assert_eq!(left, ["lock"], "{path} left something");
        }
        assert!(!dir.path().join("evil").exists());
    }

    #[test]
    fn a_truncated_archive_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let archive = dir.path().join("a.tar.zst");
        let whole = archive_with("manifest.json", None);
        fs::write(&archive, &whole[..whole.len() / 2]).unwrap();
        assert!(install(&archive, &dir.path().join("bundles")).is_err());
    }
}
