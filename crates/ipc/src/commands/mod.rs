//! What the commands do, by topic: take the arguments apart, ask the workbench.

pub(crate) mod build;
pub(crate) mod exchange;
pub(crate) mod files;
pub(crate) mod history;
pub(crate) mod ide;
pub(crate) mod pages;
pub(crate) mod projects;
pub(crate) mod relay;
pub(crate) mod settings;

use crate::UserError;
use quire_workbench::WorkbenchError;

type Answer<T> = Result<T, UserError>;

fn answer<T>(result: Result<T, WorkbenchError>) -> Answer<T> {
    result.map_err(UserError::from)
}
