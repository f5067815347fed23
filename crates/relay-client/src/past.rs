//! The history of texts, as the relay keeps it: versions with their authors, and who wrote what.

use crate::{Account, RelayError};
use quire_project::{DocumentId, ProjectId, UnixMs};
use reqwest::Method;
use serde::{Deserialize, Deserializer};
use serde_json::json;

/// Somebody who wrote.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AuthorInfo {
    /// His id.
    pub user: String,
    /// What others see; none when the account is gone.
    pub name: Option<String>,
}

/// A version of a text: it as it was after some writing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct VersionInfo {
    /// Counts the updates of the text.
    pub number: u64,
    /// When the writing began that led to it; not known of what is older than the relay's history.
    #[serde(deserialize_with = "time")]
    pub began_at: Option<UnixMs>,
    /// When it ended.
    #[serde(deserialize_with = "time")]
    pub ended_at: Option<UnixMs>,
    /// Who wrote.
    pub authors: Vec<AuthorInfo>,
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Names that all texts of the project were given at once, when this was the version of this one. A relay that
    /// does not keep them says nothing.
    #[serde(default)]
    pub project_names: Vec<String>,
}

/// A text as it was.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TextThen {
    /// When it was so.
    #[serde(deserialize_with = "time")]
    pub ended_at: Option<UnixMs>,
    /// The text.
    pub text: String,
}

/// Part of a text, and who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WrittenInfo {
    /// Where it begins, in UTF-16 code units.
    pub at: u32,
    /// How long it is.
    pub length: u32,
    /// Who; not known of what is older than the relay's history.
    pub author: Option<AuthorInfo>,
    /// When.
    #[serde(deserialize_with = "time")]
    pub written_at: Option<UnixMs>,
    /// In which version.
    pub number: u64,
}

impl Account {
    /// Versions of a text before one, or the newest; the newest first, at most `count` (500).
    pub async fn versions(
        &self,
        id: ProjectId,
        text: DocumentId,
        before: Option<u64>,
        count: usize,
    ) -> Result<Vec<VersionInfo>, RelayError> {
        let before = before.map(|number| format!("&before={number}")).unwrap_or_default();
        let path = format!("{}?count={count}{before}", history(id, text));
        self.ask(Method::GET, &path, None).await
    }

    /// A text as it was.
    pub async fn text_then(
        &self,
        id: ProjectId,
        text: DocumentId,
        number: u64,
    ) -> Result<TextThen, RelayError> {
        self.ask(Method::GET, &format!("{}/{number}", history(id, text)), None).await
    }

    /// Give a version a name that all see.
    pub async fn name_version(
        &self,
        id: ProjectId,
        text: DocumentId,
        number: u64,
        name: &str,
    ) -> Result<(), RelayError> {
        let path = format!("{}/{number}/name", history(id, text));
        self.ask(Method::PUT, &path, Some(json!({ "name": name }))).await
    }

    /// Give all texts of a project a name as they are now.
    pub async fn name_project(&self, id: ProjectId, name: &str) -> Result<(), RelayError> {
        let body = json!({ "name": name });
        self.ask(Method::POST, &format!("/projects/{id}/versions"), Some(body)).await
    }

    /// Who wrote what of a text as the relay has it now, between two places in UTF-16 code units.
    pub async fn who_wrote(
        &self,
        id: ProjectId,
        text: DocumentId,
        from: u32,
        to: u32,
    ) -> Result<Vec<WrittenInfo>, RelayError> {
        let path = format!("{}/latest/authors?from={from}&to={to}", history(id, text));
        self.ask(Method::GET, &path, None).await
    }
}

fn history(id: ProjectId, text: DocumentId) -> String {
    format!("/projects/{id}/documents/{text}/history")
}

fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<UnixMs>, D::Error> {
    // What is no time is not known: nothing depends on it but what is shown.
    Ok(Option::<String>::deserialize(from)?.and_then(|text| read_time(&text)))
}

/// A time of a relay, which is in UTC, like `2026-03-01T12:00:00Z`.
fn read_time(text: &str) -> Option<UnixMs> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut time = time.splitn(3, ':').map(|part| part.split('.').next()?.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let is_one = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    // Days since 1970, by a year that begins in March, so that leap days come last (Howard Hinnant, `days_from_civil`).
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    is_one.then_some(UnixMs(seconds * 1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_relays_write_them() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2026-03-01T12:00:00Z", 1_772_366_400),
            ("2026-12-31T12:00:00.25Z", 1_798_718_400),
        ] {
            assert_eq!(read_time(text), Some(UnixMs(seconds * 1000)), "{text}");
        }
        for text in
            ["", "2026-03-01", "2026-13-01T00:00:00Z", "2026-03-01T12:00:00+01:00", "x-y-zT1:2:3Z"]
        {
            assert_eq!(read_time(text), None, "{text}");
        }
    }
}
