//! Where the worker program is.

use crate::report::EngineError;
use std::path::PathBuf;

/// Environment variable that names the worker, for tests and unusual installations.
const VARIABLE: &str = "QUIRE_TEX_WORKER";

/// Find the worker: `QUIRE_TEX_WORKER`, or beside the running program, or (for tests, which Cargo
/// puts into `deps/`) one folder up.
pub fn find_worker() -> Result<PathBuf, EngineError> {
    let name = format!("quire-tex-worker{}", std::env::consts::EXE_SUFFIX);
    if let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        return Ok(PathBuf::from(path));
    }
    let program = std::env::current_exe().unwrap_or_default();
    let folders = program.ancestors().skip(1).take(2);
    folders.map(|folder| folder.join(&name)).find(|path| path.is_file()).ok_or_else(|| {
        EngineError::CannotStart {
            program: name.clone(),
            reason: format!("it is not beside `{}`; reinstall Quire", program.display()),
        }
    })
}
