//! What one can ask a relay for: projects, their texts, members, links and invitations.

use crate::{
    Account, BuildChoice, DocumentInfo, Http, InvitationInfo, JoinLink, LinkInfo, MadeLink, Member,
    Offer, ProjectInfo, RelayError, Role,
};
use quire_project::{DocumentId, ProjectId, ProjectPath};
use reqwest::Method;
use serde_json::json;

impl Http {
    /// What a link promises, before one uses it.
    pub async fn look_at_link(link: &JoinLink) -> Result<Offer, RelayError> {
        let body = json!({ "secret": link.secret });
        Self::new(link.relay.clone()).ask(Method::POST, "/links/look", None, Some(&body)).await
    }
}

impl Account {
    /// One's projects, the newest first; also those of one's own in the trash.
    pub async fn projects(&self) -> Result<Vec<ProjectInfo>, RelayError> {
        self.ask(Method::GET, "/projects", None).await
    }

    /// One project.
    pub async fn project(&self, id: ProjectId) -> Result<ProjectInfo, RelayError> {
        self.ask(Method::GET, &format!("/projects/{id}"), None).await
    }

    /// Make a project, or find the one that was made with this id before.
    pub async fn create_project(
        &self,
        id: ProjectId,
        name: &str,
    ) -> Result<ProjectInfo, RelayError> {
        self.ask(Method::POST, "/projects", Some(json!({ "id": id, "name": name }))).await
    }

    /// Choose what it is built from, and with.
    pub async fn put_choice(
        &self,
        id: ProjectId,
        choice: &BuildChoice,
    ) -> Result<ProjectInfo, RelayError> {
        let body = serde_json::to_value(choice).unwrap_or_default();
        self.ask(Method::PUT, &format!("/projects/{id}/build"), Some(body)).await
    }

    /// Its texts, by path.
    pub async fn documents(&self, id: ProjectId) -> Result<Vec<DocumentInfo>, RelayError> {
        self.ask(Method::GET, &format!("/projects/{id}/documents"), None).await
    }

    /// Add a text, move it, or bring it back.
    pub async fn put_document(
        &self,
        id: ProjectId,
        document: DocumentId,
        path: &ProjectPath,
    ) -> Result<DocumentInfo, RelayError> {
        let place = format!("/projects/{id}/documents/{document}");
        self.ask(Method::PUT, &place, Some(json!({ "path": path }))).await
    }

    /// Remove a text.
    pub async fn delete_document(
        &self,
        id: ProjectId,
        document: DocumentId,
    ) -> Result<(), RelayError> {
        self.ask(Method::DELETE, &format!("/projects/{id}/documents/{document}"), None).await
    }

    /// Who belongs to it, the owner first.
    pub async fn members(&self, id: ProjectId) -> Result<Vec<Member>, RelayError> {
        self.ask(Method::GET, &format!("/projects/{id}/members"), None).await
    }

    /// Give a member another role.
    pub async fn set_role(&self, id: ProjectId, user: &str, role: Role) -> Result<(), RelayError> {
        let place = format!("/projects/{id}/members/{user}");
        self.ask(Method::PATCH, &place, Some(json!({ "role": role }))).await
    }

    /// Remove a member; oneself: leave.
    pub async fn remove_member(&self, id: ProjectId, user: &str) -> Result<(), RelayError> {
        self.ask(Method::DELETE, &format!("/projects/{id}/members/{user}"), None).await
    }

    /// Make another member the owner; one becomes an editor.
    pub async fn hand_over(&self, id: ProjectId, user: &str) -> Result<(), RelayError> {
        let place = format!("/projects/{id}/owner");
        self.ask(Method::PUT, &place, Some(json!({ "user": user }))).await
    }

    /// Its links.
    pub async fn links(&self, id: ProjectId) -> Result<Vec<LinkInfo>, RelayError> {
        self.ask(Method::GET, &format!("/projects/{id}/links"), None).await
    }

    /// Make a link, which is good until a time (RFC 3339), if one is said.
    pub async fn make_link(
        &self,
        id: ProjectId,
        role: Role,
        admits_guests: bool,
        expires_at: Option<&str>,
    ) -> Result<MadeLink, RelayError> {
        let body =
            json!({ "role": role, "admits_guests": admits_guests, "expires_at": expires_at });
        self.ask(Method::POST, &format!("/projects/{id}/links"), Some(body)).await
    }

    /// Take a link back; those who came by it and have an account are removed too, if wanted.
    pub async fn revoke_link(
        &self,
        id: ProjectId,
        link: &str,
        removes_members: bool,
    ) -> Result<(), RelayError> {
        let place = format!("/projects/{id}/links/{link}?remove_members={removes_members}");
        self.ask(Method::DELETE, &place, None).await
    }

    /// Invite somebody by e-mail.
    pub async fn invite(
        &self,
        id: ProjectId,
        email: &str,
        role: Role,
    ) -> Result<InvitationInfo, RelayError> {
        let body = json!({ "email": email, "role": role });
        self.ask(Method::POST, &format!("/projects/{id}/invitations"), Some(body)).await
    }

    /// The invitations that wait.
    pub async fn invitations(&self, id: ProjectId) -> Result<Vec<InvitationInfo>, RelayError> {
        self.ask(Method::GET, &format!("/projects/{id}/invitations"), None).await
    }

    /// Take an invitation back.
    pub async fn uninvite(&self, id: ProjectId, invitation: &str) -> Result<(), RelayError> {
        self.ask(Method::DELETE, &format!("/projects/{id}/invitations/{invitation}"), None).await
    }
}
