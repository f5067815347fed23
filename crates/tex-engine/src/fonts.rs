//! Fonts by family name. XeTeX asks fontconfig, which reads folders of plain files and a cache: the
//! worker gets a configuration of our own that lists the bundle's fonts and the system's, and a cache
//! that was filled outside the sandbox, since inside nothing can be written.

use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The folders that hold fonts: the bundle's first.
pub fn folders(bundle_dir: &Path) -> Vec<PathBuf> {
    let mut folders = vec![bundle_dir.join("fonts")];
    folders.extend(["/usr/share/fonts", "/usr/local/share/fonts"].map(PathBuf::from));
    if let Some(home) = std::env::var_os("HOME").map(PathBuf::from) {
        folders.push(home.join(".fonts"));
        folders.push(home.join(".local/share/fonts"));
    }
    folders.retain(|folder| folder.is_dir());
    folders
}

/// All that a worker must be able to read to find fonts.
#[cfg(feature = "worker")]
pub(crate) fn readable(bundle_dir: &Path) -> Vec<PathBuf> {
    let mut paths = folders(bundle_dir);
    let config = std::env::var_os("FONTCONFIG_FILE").map(PathBuf::from);
    paths.extend(config.and_then(|file| file.parent().map(Path::to_path_buf)));
    paths
}

/// Write the configuration and fill the cache if fonts came or went since; returns the
/// configuration file. `None` where fontconfig is not used (macOS) or nothing can be written: then
/// only fonts named by file are found.
pub(crate) fn prepare(worker: &Path, bundle_dir: &Path) -> Option<PathBuf> {
    if cfg!(target_os = "macos") {
        return None;
    }
    let folders = folders(bundle_dir);
    let mut key = DefaultHasher::new();
    folders.hash(&mut key);
    let dir =
        quire_bundle::default_cache()?.join("fontconfig").join(format!("{:016x}", key.finish()));
    let config = dir.join("fonts.conf");
    let stamp_file = dir.join("stamp");
    let stamp = stamp(&folders);
    if config.is_file() && fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) {
        return Some(config);
    }
    fs::create_dir_all(dir.join("cache")).ok()?;
    fs::write(&config, configuration(&folders, &dir.join("cache"))).ok()?;
    let warmed = Command::new(worker)
        .arg("warm-fonts")
        .env_clear()
        .env("FONTCONFIG_FILE", &config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if warmed {
        fs::write(&stamp_file, stamp).ok()?;
    }
    Some(config)
}

/// Changes whenever a font is added to or removed from one of the folders.
fn stamp(folders: &[PathBuf]) -> String {
    let mut hasher = DefaultHasher::new();
    let mut waiting = folders.to_vec();
    let mut seen = 0;
    while let Some(folder) = waiting.pop() {
        seen += 1;
        if seen > 5_000 {
            break;
        }
        folder.hash(&mut hasher);
        if let Ok(modified) = fs::metadata(&folder).and_then(|data| data.modified()) {
            modified.hash(&mut hasher);
        }
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
        let mut inner: Vec<PathBuf> =
            entries.flatten().filter(is_folder).map(|entry| entry.path()).collect();
        inner.sort();
        waiting.extend(inner);
    }
    format!("{:016x}\n", hasher.finish())
}

fn configuration(folders: &[PathBuf], cache: &Path) -> String {
    let escape = |path: &Path| {
        path.to_string_lossy().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    };
    let mut text = String::from(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE fontconfig SYSTEM \"fonts.dtd\">\n<fontconfig>\n",
    );
    for folder in folders {
        text.push_str(&format!("  <dir>{}</dir>\n", escape(folder)));
    }
    text.push_str(&format!("  <cachedir>{}</cachedir>\n</fontconfig>\n", escape(cache)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_escapes_names() {
        let text = configuration(&[PathBuf::from("/a&b/fonts")], Path::new("/c"));
        assert!(text.contains("<dir>/a&amp;b/fonts</dir>"));
    }

    #[test]
    fn stamp_changes_with_a_new_font() {
        let dir = tempfile::tempdir().unwrap();
        let folders = [dir.path().to_path_buf()];
        let before = stamp(&folders);
        fs::create_dir(dir.path().join("new")).unwrap();
        assert_ne!(before, stamp(&folders));
    }
}
