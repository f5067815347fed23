//! Writing together: signing in at relays, sharing projects, joining them.

use super::{Answer, answer, projects::OneProject};
use quire_project::ProjectId;
use quire_workbench::{
    AccountNotifications, Digest, LinkOffer, RelayAccount, RelayProject, ShareRole, Sharers,
    SignInWay, Workbench,
};
use serde::Deserialize;
use ts_rs::TS;

/// Who wants to sign in where.
#[derive(Deserialize, TS)]
pub struct SignIn {
    relay: String,
    email: String,
    password: String,
}

impl std::fmt::Debug for SignIn {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignIn({}, {})", self.relay, self.email)
    }
}

/// A relay.
#[derive(Debug, Deserialize, TS)]
pub struct OneRelay {
    relay: String,
}

/// Through whom somebody wants to sign in at a relay.
#[derive(Debug, Deserialize, TS)]
pub struct SignInThrough {
    relay: String,
    way: String,
}

/// Somebody who is signed in.
#[derive(Debug, Deserialize, TS)]
pub struct AtRelay {
    relay: String,
    user: String,
}

/// A project, and who shares it where.
#[derive(Debug, Deserialize, TS)]
pub struct ProjectAtRelay {
    project: ProjectId,
    relay: String,
    user: String,
}

/// Something that somebody is to know of.
#[derive(Debug, Deserialize, TS)]
pub struct OneNotification {
    relay: String,
    user: String,
    #[ts(type = "number")]
    id: i64,
}

/// How often somebody wants letters.
#[derive(Debug, Deserialize, TS)]
pub struct SetDigest {
    relay: String,
    user: String,
    digest: Digest,
}

/// An invitation, and who was invited.
#[derive(Debug, Deserialize, TS)]
pub struct AcceptInvitation {
    relay: String,
    user: String,
    invitation: String,
}

/// A link or an invitation, as it was passed on.
#[derive(Deserialize, TS)]
pub struct PastedLink {
    link: String,
}

/// Who comes by a link.
#[derive(Deserialize, TS)]
pub struct JoinByLink {
    link: String,
    user: String,
}

/// A guest who comes by a link.
#[derive(Deserialize, TS)]
pub struct JoinAsGuest {
    link: String,
    name: String,
}

/// Secrets are not for logs.
macro_rules! secret {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )*};
}

secret!(PastedLink, JoinByLink, JoinAsGuest);

/// What a link is to be.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MakeLink {
    project: ProjectId,
    role: ShareRole,
    admits_guests: bool,
    /// When it ends, as RFC 3339 has it; never, if it is not said.
    expires_at: Option<String>,
}

/// A link that is no longer to be good.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RevokeLink {
    project: ProjectId,
    id: String,
    /// Those who came by it and have an account go too.
    removes_members: bool,
}

/// An invitation or a member of a project, by its id.
#[derive(Debug, Deserialize, TS)]
pub struct OfProject {
    project: ProjectId,
    id: String,
}

/// Whom to invite.
#[derive(Debug, Deserialize, TS)]
pub struct Invite {
    project: ProjectId,
    email: String,
    role: ShareRole,
}

/// What a member is to be.
#[derive(Debug, Deserialize, TS)]
pub struct SetRole {
    project: ProjectId,
    user: String,
    role: ShareRole,
}

/// Whether files on their way are to wait.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StopTransfers {
    project: ProjectId,
    is_stopped: bool,
}

pub(crate) fn accounts(workbench: &Workbench, (): ()) -> Answer<Vec<RelayAccount>> {
    Ok(workbench.relay_accounts())
}

pub(crate) fn sign_in(workbench: &Workbench, asked: SignIn) -> Answer<RelayAccount> {
    answer(workbench.sign_in(&asked.relay, &asked.email, &asked.password))
}

pub(crate) fn sign_in_ways(workbench: &Workbench, asked: OneRelay) -> Answer<Vec<SignInWay>> {
    answer(workbench.sign_in_ways(&asked.relay))
}

pub(crate) fn begin_browser_sign_in(workbench: &Workbench, asked: SignInThrough) -> Answer<String> {
    answer(workbench.begin_browser_sign_in(&asked.relay, &asked.way))
}

pub(crate) fn finish_browser_sign_in(workbench: &Workbench, (): ()) -> Answer<RelayAccount> {
    answer(workbench.finish_browser_sign_in())
}

pub(crate) fn give_up_browser_sign_in(workbench: &Workbench, (): ()) -> Answer<()> {
    workbench.give_up_browser_sign_in();
    Ok(())
}

pub(crate) fn sign_out(workbench: &Workbench, asked: AtRelay) -> Answer<()> {
    answer(workbench.sign_out(&asked.relay, &asked.user))
}

pub(crate) fn projects(workbench: &Workbench, asked: AtRelay) -> Answer<Vec<RelayProject>> {
    answer(workbench.relay_projects(&asked.relay, &asked.user))
}

pub(crate) fn share(workbench: &Workbench, asked: ProjectAtRelay) -> Answer<()> {
    answer(workbench.share_project(asked.project, &asked.relay, &asked.user))
}

pub(crate) fn stop(workbench: &Workbench, asked: OneProject) -> Answer<()> {
    answer(workbench.stop_sharing(asked.id()))
}

pub(crate) fn open(workbench: &Workbench, asked: ProjectAtRelay) -> Answer<ProjectId> {
    answer(workbench.open_from_relay(&asked.relay, &asked.user, asked.project))
}

pub(crate) fn look(workbench: &Workbench, asked: PastedLink) -> Answer<LinkOffer> {
    answer(workbench.look_at_link(&asked.link))
}

pub(crate) fn join(workbench: &Workbench, asked: JoinByLink) -> Answer<ProjectId> {
    answer(workbench.join_by_link(&asked.link, &asked.user))
}

pub(crate) fn join_as_guest(workbench: &Workbench, asked: JoinAsGuest) -> Answer<ProjectId> {
    answer(workbench.join_as_guest(&asked.link, &asked.name))
}

pub(crate) fn notifications(workbench: &Workbench, (): ()) -> Answer<Vec<AccountNotifications>> {
    answer(workbench.notifications())
}

pub(crate) fn ask_for_notifications(workbench: &Workbench, (): ()) -> Answer<()> {
    workbench.ask_for_notifications();
    Ok(())
}

pub(crate) fn see_notification(workbench: &Workbench, asked: OneNotification) -> Answer<()> {
    answer(workbench.see_notification(&asked.relay, &asked.user, asked.id))
}

pub(crate) fn see_notifications(workbench: &Workbench, asked: OneNotification) -> Answer<()> {
    answer(workbench.see_notifications(&asked.relay, &asked.user, asked.id))
}

pub(crate) fn digest(workbench: &Workbench, asked: AtRelay) -> Answer<Digest> {
    answer(workbench.digest(&asked.relay, &asked.user))
}

pub(crate) fn set_digest(workbench: &Workbench, asked: SetDigest) -> Answer<()> {
    answer(workbench.set_digest(&asked.relay, &asked.user, asked.digest))
}

pub(crate) fn accept_invitation(
    workbench: &Workbench,
    asked: AcceptInvitation,
) -> Answer<ProjectId> {
    answer(workbench.accept_invitation(&asked.relay, &asked.user, &asked.invitation))
}

pub(crate) fn sharers(workbench: &Workbench, asked: OneProject) -> Answer<Sharers> {
    answer(workbench.sharers(asked.id()))
}

pub(crate) fn make_link(workbench: &Workbench, asked: MakeLink) -> Answer<String> {
    let MakeLink { project, role, admits_guests, expires_at } = asked;
    answer(workbench.make_share_link(project, role, admits_guests, expires_at.as_deref()))
}

pub(crate) fn revoke_link(workbench: &Workbench, asked: RevokeLink) -> Answer<()> {
    answer(workbench.revoke_share_link(asked.project, &asked.id, asked.removes_members))
}

pub(crate) fn invite(workbench: &Workbench, asked: Invite) -> Answer<()> {
    answer(workbench.invite(asked.project, &asked.email, asked.role))
}

pub(crate) fn uninvite(workbench: &Workbench, asked: OfProject) -> Answer<()> {
    answer(workbench.uninvite(asked.project, &asked.id))
}

pub(crate) fn set_role(workbench: &Workbench, asked: SetRole) -> Answer<()> {
    answer(workbench.set_member_role(asked.project, &asked.user, asked.role))
}

pub(crate) fn hand_over(workbench: &Workbench, asked: OfProject) -> Answer<()> {
    answer(workbench.hand_over(asked.project, &asked.id))
}

pub(crate) fn remove(workbench: &Workbench, asked: OfProject) -> Answer<()> {
    answer(workbench.remove_member(asked.project, &asked.id))
}

pub(crate) fn try_again(workbench: &Workbench, asked: OneProject) -> Answer<()> {
    answer(workbench.try_relay_again(asked.id()))
}

pub(crate) fn stop_transfers(workbench: &Workbench, asked: StopTransfers) -> Answer<()> {
    answer(workbench.stop_transfers(asked.project, asked.is_stopped))
}
