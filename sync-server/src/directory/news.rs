//! What members of a project are told of: that a part of it was changed. It is read from the audit log, in which every
//! change is, so that no change can be forgotten here.

use super::{ProjectId, Result};
use rusqlite::Connection;
use serde::Serialize;

/// A part of a project, each with an address of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The project: its name, whether it is archived.
    Project,
    /// Its texts.
    Documents,
    /// Its files.
    Files,
    /// The history of a text: a version was named, or all forgotten.
    History,
    /// Its members, their names and roles.
    Members,
    /// Its invitations and links, for the owner.
    Sharing,
    /// What the one who listens is to know of, in whatever project: told to him alone.
    Notifications,
}

impl Part {
    /// All that are told to everybody.
    pub const ALL: [Self; 6] =
        [Self::Project, Self::Documents, Self::Files, Self::History, Self::Members, Self::Sharing];
}

/// A part of a project was changed.
pub type News = (ProjectId, Part);

/// What was changed after an entry of the audit log, and the number of the last.
pub(super) fn after(conn: &Connection, number: i64) -> Result<(Vec<News>, i64)> {
    let mut statement = conn.prepare_cached(
        "SELECT number, action, project, subject FROM audit WHERE number > ?1 ORDER BY number",
    )?;
    let mut entries = statement.query([number])?;
    let (mut news, mut last) = (Vec::new(), number);
    while let Some(entry) = entries.next()? {
        last = entry.get(0)?;
        let (action, project): (String, Option<ProjectId>) = (entry.get(1)?, entry.get(2)?);
        if let Some(project) = project {
            news.extend(parts(&action).iter().map(|part| (project, *part)));
        } else if action == "user.rename" {
            let subject: Option<String> = entry.get(3)?;
            let mut of_user = conn.prepare_cached("SELECT project FROM members WHERE user = ?1")?;
            let projects = of_user.query_map([subject], |row| row.get(0))?;
            for project in projects {
                news.push((project?, Part::Members));
            }
        }
    }
    news.sort_unstable();
    news.dedup();
    Ok((news, last))
}

fn parts(action: &str) -> &'static [Part] {
    match action.split('.').next() {
        _ if action == "project.transfer" => &[Part::Project, Part::Members],
        Some("project") => &[Part::Project],
        Some("document") => &[Part::Documents],
        Some("file") => &[Part::Files],
        Some("history") => &[Part::History],
        Some("member") => &[Part::Members],
        Some("invitation" | "link") => &[Part::Sharing],
        _ => &[],
    }
}
