//! Git on systems without symbolic links checks a link out as a small file that holds the link's
//! target and nothing else. Such a file is recognised and the target served in its place.

use quire_project::ProjectPath;

/// Placeholders that lead to placeholders: how many are followed.
pub(super) const MAX_HOPS: usize = 8;

/// No path that people make is longer.
pub(super) const MAX_BYTES: u64 = 1024;

/// The target when `bytes` may be a placeholder for `path`: one short line that is a relative path
/// inside the project with the extension of `path`. Whether the target exists is not looked at.
pub(super) fn target(path: &ProjectPath, bytes: &[u8]) -> Option<ProjectPath> {
    if bytes.is_empty() || bytes.len() as u64 > MAX_BYTES {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    if text.chars().any(char::is_control) {
        return None;
    }
    let target = ProjectPath::resolve(path.folder(), text).ok()?;
    let same_kind = !path.extension().is_empty() && target.extension() == path.extension();
    (same_kind && target != *path).then_some(target)
}
