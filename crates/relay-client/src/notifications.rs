//! What somebody is to know of: that he was invited, spoken to, answered.

use crate::{Account, ProblemKind, ProjectInfo, RelayError, Role};
use quire_project::{DocumentId, ProjectId};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum NotificationKind {
    /// One was invited into a project.
    Invitation,
    /// A message speaks to one.
    Mention,
    /// Somebody has written in a thread in which one has.
    Reply,
}

/// How often letters tell of what was not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Digest {
    /// Never.
    Off,
    /// Once in an hour.
    Hourly,
    /// Once in a day.
    Daily,
}

/// Something that one is to know of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NotificationInfo {
    /// Its number: later ones have higher ones.
    pub id: i64,
    /// What happened.
    pub kind: NotificationKind,
    /// The project.
    pub project: ProjectId,
    /// Its name.
    pub project_name: String,
    /// Who invites, or has written.
    pub by: String,
    /// His name, if it is known.
    pub by_name: Option<String>,
    /// How the message begins.
    pub excerpt: String,
    /// The message.
    pub message: Option<String>,
    /// The comment that it belongs to.
    pub thread: Option<String>,
    /// The text that the comment is about.
    pub document: Option<DocumentId>,
    /// The invitation.
    pub invitation: Option<String>,
    /// What one will be able to do.
    pub role: Option<Role>,
    /// When it happened, as RFC 3339 has it.
    pub created_at: String,
    /// When one has seen it.
    pub seen_at: Option<String>,
}

/// The latest, and how many one has not seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotificationList {
    /// The latest first.
    pub notifications: Vec<NotificationInfo>,
    /// Of all, not only of these.
    pub unseen: u32,
}

impl Account {
    /// The latest; nothing at a relay that tells nobody of anything. What a later relay tells and is not known here is left
    /// out.
    pub async fn notifications(&self) -> Result<Option<NotificationList>, RelayError> {
        #[derive(Deserialize)]
        struct Answer {
            notifications: Vec<Value>,
            unseen: u32,
        }
        match self.ask::<Answer>(Method::GET, "/notifications", None).await {
            Ok(Answer { notifications, unseen }) => {
                let known =
                    notifications.into_iter().filter_map(|one| serde_json::from_value(one).ok());
                Ok(Some(NotificationList { notifications: known.collect(), unseen }))
            }
            Err(error) if error.kind() == Some(ProblemKind::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// One has seen this one.
    pub async fn see_notification(&self, id: i64) -> Result<(), RelayError> {
        self.ask(Method::PUT, &format!("/notifications/{id}/seen"), None).await
    }

    /// One has seen all up to this one.
    pub async fn see_notifications(&self, up_to: i64) -> Result<(), RelayError> {
        self.ask(Method::POST, "/notifications/seen", Some(json!({ "up_to": up_to }))).await
    }

    /// How often letters come.
    pub async fn digest(&self) -> Result<Digest, RelayError> {
        #[derive(Deserialize)]
        struct Answer {
            digest: Digest,
        }
        let answer: Answer = self.ask(Method::GET, "/notifications/settings", None).await?;
        Ok(answer.digest)
    }

    /// Choose how often letters come.
    pub async fn set_digest(&self, digest: Digest) -> Result<(), RelayError> {
        self.ask(Method::PUT, "/notifications/settings", Some(json!({ "digest": digest }))).await
    }

    /// Come into a project to which one's address was invited.
    pub async fn accept_invitation(&self, id: &str) -> Result<ProjectInfo, RelayError> {
        self.ask(Method::POST, &format!("/invitations/{id}/accept"), None).await
    }
}
