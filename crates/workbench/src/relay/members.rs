//! Who belongs to a shared project, and how others come into it: its owner decides.

use super::ShareRole;
use crate::{Workbench, WorkbenchError};
use quire_project::ProjectId;
use quire_relay_client::Account;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use ts_rs::TS;

/// Somebody who belongs to a project, as he can be spoken to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProjectMember {
    /// His id at the relay.
    pub user: String,
    /// What others see.
    pub name: String,
}

/// Somebody who belongs to a project, as its owner sees him.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ShareMember {
    /// His id.
    pub user: String,
    /// What others see.
    pub name: String,
    /// His address, which only the owner is told.
    pub email: Option<String>,
    /// He has no account.
    pub is_guest: bool,
    /// What he may do.
    pub role: ShareRole,
    /// It is the one who asks.
    pub is_me: bool,
}

/// A link into a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ShareLink {
    /// Its id.
    pub id: String,
    /// What who comes by it may do.
    pub role: ShareRole,
    /// People without an account may come by it.
    pub admits_guests: bool,
    /// When it ends, as RFC 3339 has it; never, if it is not said.
    pub expires_at: Option<String>,
    /// How many belong to the project because of it.
    pub members: u32,
}

/// Somebody who was invited and has not come yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ShareInvitation {
    /// Its id.
    pub id: String,
    /// The address.
    pub email: String,
    /// What he will be able to do.
    pub role: ShareRole,
    /// When it ends, as RFC 3339 has it.
    pub expires_at: String,
}

/// All who share a project, or may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Sharers {
    /// Those who belong to it, the owner first.
    pub members: Vec<ShareMember>,
    /// Its links; told to the owner only.
    pub links: Vec<ShareLink>,
    /// Its invitations; told to the owner only.
    pub invitations: Vec<ShareInvitation>,
}

impl Workbench {
    /// Who is signed in for a shared project.
    fn sharer(&self, id: ProjectId) -> Result<Arc<Account>, WorkbenchError> {
        let stored = self.stored_share(id)?.ok_or(WorkbenchError::NotShared)?;
        self.account(&stored.relay.to_string(), &stored.user)
    }

    /// Who belongs to a shared project, and how others may come into it.
    pub fn sharers(&self, id: ProjectId) -> Result<Sharers, WorkbenchError> {
        let account = self.sharer(id)?;
        let me = account.signed_in().user.id.clone();
        let members = self.relays().wait(account.members(id))?;
        let mine = members.iter().find(|member| member.user == me);
        let is_owner = mine.is_some_and(|mine| mine.role == ShareRole::Owner);
        let (links, invitations) = match is_owner {
            true => (
                self.relays().wait(account.links(id))?,
                self.relays().wait(account.invitations(id))?,
            ),
            false => (Vec::new(), Vec::new()),
        };
        let member = |member: quire_relay_client::Member| ShareMember {
            is_me: member.user == me,
            user: member.user,
            name: member.name,
            email: member.email,
            is_guest: member.is_guest,
            role: member.role,
        };
        let link = |link: quire_relay_client::LinkInfo| ShareLink {
            id: link.id,
            role: link.role,
            admits_guests: link.admits_guests,
            expires_at: link.expires_at,
            members: link.members,
        };
        let invitation = |invitation: quire_relay_client::InvitationInfo| ShareInvitation {
            id: invitation.id,
            email: invitation.email,
            role: invitation.role,
            expires_at: invitation.expires_at,
        };
        Ok(Sharers {
            members: members.into_iter().map(member).collect(),
            links: links.into_iter().map(link).collect(),
            invitations: invitations.into_iter().map(invitation).collect(),
        })
    }

    /// Ask who belongs to a project, unless that is known: `count` is how many they are.
    pub(super) fn look_at_members(
        &self,
        id: ProjectId,
        account: &Account,
        count: u32,
    ) -> Result<(), WorkbenchError> {
        let is_known = self.ask(move |desk| {
            let shared = desk.open.get(&id).and_then(|project| project.shared.as_ref());
            shared.is_none_or(|shared| {
                shared.standing.has_asked_members && shared.stored.members.len() == count as usize
            })
        })?;
        if is_known {
            return Ok(());
        }
        let members = self.relays().wait(account.members(id))?;
        let told = |member: quire_relay_client::Member| ProjectMember {
            user: member.user,
            name: member.name,
        };
        let members: Vec<ProjectMember> = members.into_iter().map(told).collect();
        let changed = self.ask(move |desk| {
            let shared = desk.open.get_mut(&id)?.shared.as_mut()?;
            shared.standing.has_asked_members = true;
            if shared.stored.members == members {
                return None;
            }
            shared.stored.members = members;
            let stored = shared.stored.clone();
            desk.tell_sharing(id);
            Some(stored)
        })?;
        changed.map_or(Ok(()), |stored| self.keep_share(id, stored))
    }

    /// Make a link that lets whoever has it into the project, until it ends (RFC 3339); its address is told this once.
    pub fn make_share_link(
        &self,
        id: ProjectId,
        role: ShareRole,
        admits_guests: bool,
        expires_at: Option<&str>,
    ) -> Result<String, WorkbenchError> {
        let account = self.sharer(id)?;
        Ok(self.relays().wait(account.make_link(id, role, admits_guests, expires_at))?.url)
    }

    /// Take a link back. Guests who came by it are out, and those with an account too if they are to go.
    pub fn revoke_share_link(
        &self,
        id: ProjectId,
        link: &str,
        removes_members: bool,
    ) -> Result<(), WorkbenchError> {
        let account = self.sharer(id)?;
        self.relays().wait(account.revoke_link(id, link, removes_members))
    }

    /// Invite somebody by e-mail.
    pub fn invite(
        &self,
        id: ProjectId,
        email: &str,
        role: ShareRole,
    ) -> Result<(), WorkbenchError> {
        let account = self.sharer(id)?;
        self.relays().wait(account.invite(id, email.trim(), role)).map(drop)
    }

    /// Take an invitation back.
    pub fn uninvite(&self, id: ProjectId, invitation: &str) -> Result<(), WorkbenchError> {
        let account = self.sharer(id)?;
        self.relays().wait(account.uninvite(id, invitation))
    }

    /// Give a member another role.
    pub fn set_member_role(
        &self,
        id: ProjectId,
        user: &str,
        role: ShareRole,
    ) -> Result<(), WorkbenchError> {
        let account = self.sharer(id)?;
        self.relays().wait(account.set_role(id, user, role))
    }

    /// Hand the project over to another member, who becomes its owner; one is an editor from then on.
    pub fn hand_over(&self, id: ProjectId, user: &str) -> Result<(), WorkbenchError> {
        let account = self.sharer(id)?;
        self.relays().wait(account.hand_over(id, user))?;
        self.check_lists(id)
    }

    /// Remove a member. Who removes himself leaves, and his copy is not kept the same any more.
    pub fn remove_member(&self, id: ProjectId, user: &str) -> Result<(), WorkbenchError> {
        let account = self.sharer(id)?;
        self.relays().wait(account.remove_member(id, user))?;
        match account.signed_in().user.id == user {
            true => self.stop_sharing(id),
            false => Ok(()),
        }
    }
}
