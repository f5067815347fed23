//! How others come into a project: by an invitation that is sent to them, or by a link.

use super::{
    Api,
    extract::{Asked, At, Body, Caller, Json, Visitor},
    problem::{Kind, Problem, ProblemBody},
    sessions::{self, Tokens},
};
use crate::{
    auth::{secret::SecretHash, throttle::network_of},
    directory::{
        InvitationId, LinkId, ProjectId, Timestamp,
        invitations::{self as invited, Invitation},
        links::{self as kept, Link, NewLink, Offer},
        members::Role,
        projects::Project,
    },
    mail::Letter,
    ws::open::Concern,
};
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use std::time::Instant;
use utoipa::{IntoParams, ToSchema};

/// Whom to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Invite {
    email: String,
    /// Any but owner.
    role: Role,
}

/// The invitations of a project that wait, as its owner
#[utoipa::path(
    get,
    path = "/api/v1/projects/{project}/invitations",
    tag = "sharing",
    params(("project" = ProjectId, Path)),
    security(("token" = [])),
    responses((status = 200, body = [Invitation]), (status = 403, body = ProblemBody))
)]
pub(super) async fn invitations(
    State(api): State<Api>,
    caller: Caller,
    At(project): At<ProjectId>,
) -> Result<Json<Vec<Invitation>>, Problem> {
    let act = caller.act();
    Ok(Json(api.directory.read(move |conn| invited::list(conn, &act, project)).await?))
}

/// Invite somebody by e-mail, as the owner
///
/// The answer is the same whether the address has an account here or not.
#[utoipa::path(
    post,
    path = "/api/v1/projects/{project}/invitations",
    tag = "sharing",
    params(("project" = ProjectId, Path)),
    request_body = Invite,
    security(("token" = [])),
    responses(
        (status = 200, body = Invitation),
        (status = 403, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "a member already")
    )
)]
pub(super) async fn invite(
    State(api): State<Api>,
    caller: Caller,
    At(project): At<ProjectId>,
    Body(said): Body<Invite>,
) -> Result<Json<Invitation>, Problem> {
    let act = caller.act();
    let too_often = |wait| Problem::wait(Kind::Throttled, "too many invitations: wait", wait);
    let to = said.email.trim().to_lowercase();
    api.throttle.letters_to.put(to, Instant::now()).map_err(too_often)?;
    let letter = api
        .directory
        .change(move |conn| invited::create(conn, &act, project, &said.email, said.role))
        .await?;
    if let Some(user) = letter.told {
        api.channels.notify(user);
    }
    let (url, secret) = (&api.config.public_url, letter.secret.reveal());
    api.letters.post(Letter {
        to: letter.invitation.email.clone(),
        subject: format!("{} invites you to write “{}”", letter.inviter, letter.project_name),
        body: format!(
            "Hello,\n\n{} invites you into the project “{}”, as {}. To come in, open\n\n{url}/join#invitation={secret}\n\n\
             or give this address to Quire. It is good for two weeks.\n",
            letter.inviter,
            letter.project_name,
            with_article(letter.invitation.role)
        ),
    });
    Ok(Json(letter.invitation))
}

fn with_article(role: Role) -> String {
    let article = if matches!(role, Role::Editor | Role::Owner) { "an" } else { "a" };
    format!("{article} {}", role.word())
}

/// Take an invitation back, as the owner
#[utoipa::path(
    delete,
    path = "/api/v1/projects/{project}/invitations/{invitation}",
    tag = "sharing",
    params(("project" = ProjectId, Path), ("invitation" = InvitationId, Path)),
    security(("token" = [])),
    responses((status = 204), (status = 404, body = ProblemBody))
)]
pub(super) async fn uninvite(
    State(api): State<Api>,
    caller: Caller,
    At((project, invitation)): At<(ProjectId, InvitationId)>,
) -> Result<StatusCode, Problem> {
    let act = caller.act();
    api.directory.change(move |conn| invited::revoke(conn, &act, project, invitation)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The secret of an invitation or a link: what follows `#` and `=` in its address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SharedSecret {
    secret: String,
}

/// Come into the project to which one is invited
#[utoipa::path(
    post,
    path = "/api/v1/invitations/accept",
    tag = "sharing",
    request_body = SharedSecret,
    security(("token" = [])),
    responses((status = 200, body = Project), (status = 404, body = ProblemBody, description = "bad-secret"))
)]
pub(super) async fn accept(
    State(api): State<Api>,
    caller: Caller,
    Body(said): Body<SharedSecret>,
) -> Result<Json<Project>, Problem> {
    let (act, secret) = (caller.act(), SecretHash::of(&said.secret));
    let project = api.directory.change(move |conn| invited::accept(conn, &act, secret)).await?;
    api.lines.recheck(Concern::User(caller.user.id)).await;
    Ok(Json(project))
}

/// The links of a project, as its owner
#[utoipa::path(
    get,
    path = "/api/v1/projects/{project}/links",
    tag = "sharing",
    params(("project" = ProjectId, Path)),
    security(("token" = [])),
    responses((status = 200, body = [Link]), (status = 403, body = ProblemBody))
)]
pub(super) async fn links(
    State(api): State<Api>,
    caller: Caller,
    At(project): At<ProjectId>,
) -> Result<Json<Vec<Link>>, Problem> {
    let act = caller.act();
    Ok(Json(api.directory.read(move |conn| kept::list(conn, &act, project)).await?))
}

/// What a link is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MakeLink {
    /// Any but owner.
    role: Role,
    /// People without an account may come by it, for as long as it is good.
    #[serde(default)]
    admits_guests: bool,
    /// When it ends; never, if it is not said.
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

/// A new link.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeLink {
    /// To pass on. It is told this once; what follows `#` is the secret.
    #[schema(example = "https://relay.example.org/join#link=qrl_…")]
    url: String,
    #[serde(flatten)]
    link: Link,
}

/// Make a link that lets whoever has it into the project, as the owner
#[utoipa::path(
    post,
    path = "/api/v1/projects/{project}/links",
    tag = "sharing",
    params(("project" = ProjectId, Path)),
    request_body = MakeLink,
    security(("token" = [])),
    responses((status = 200, body = MadeLink), (status = 403, body = ProblemBody))
)]
pub(super) async fn make_link(
    State(api): State<Api>,
    caller: Caller,
    At(project): At<ProjectId>,
    Body(said): Body<MakeLink>,
) -> Result<Json<MadeLink>, Problem> {
    let act = caller.act();
    let MakeLink { role, admits_guests, expires_at } = said;
    if admits_guests && !api.config.accounts.guests {
        let why = "this relay lets nobody in who has no account";
        return Err(Problem::new(Kind::Forbidden, why));
    }
    let new = NewLink { role, admits_guests, expires_at };
    let (link, secret) =
        api.directory.change(move |conn| kept::create(conn, &act, project, new)).await?;
    let url = format!("{}/join#link={}", api.config.public_url, secret.reveal());
    Ok(Json(MadeLink { url, link }))
}

/// What becomes of those who came by a link.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Revoke {
    /// Those who have an account are removed too; guests are in any case.
    #[serde(default)]
    remove_members: bool,
}

/// Take a link back, as the owner
///
/// Nobody comes in by it any more, and guests who did are out at once.
#[utoipa::path(
    delete,
    path = "/api/v1/projects/{project}/links/{link}",
    tag = "sharing",
    params(("project" = ProjectId, Path), ("link" = LinkId, Path), Revoke),
    security(("token" = [])),
    responses((status = 204), (status = 404, body = ProblemBody))
)]
pub(super) async fn revoke_link(
    State(api): State<Api>,
    caller: Caller,
    At((project, link)): At<(ProjectId, LinkId)>,
    Asked(how): Asked<Revoke>,
) -> Result<StatusCode, Problem> {
    let act = caller.act();
    api.directory
        .change(move |conn| kept::revoke(conn, &act, project, link, how.remove_members))
        .await?;
    api.lines.recheck(Concern::Project(project)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Look at what a link promises, before one uses it
#[utoipa::path(
    post,
    path = "/api/v1/links/look",
    tag = "sharing",
    request_body = SharedSecret,
    responses((status = 200, body = Offer), (status = 404, body = ProblemBody, description = "bad-secret"))
)]
pub(super) async fn offer(
    State(api): State<Api>,
    visitor: Visitor,
    Body(said): Body<SharedSecret>,
) -> Result<Json<Offer>, Problem> {
    let (secret, now) = (SecretHash::of(&said.secret), visitor.now);
    Ok(Json(api.directory.read(move |conn| kept::offer(conn, secret, now)).await?))
}

/// Come into a project by a link
///
/// Who belongs to it already never may less than before.
#[utoipa::path(
    post,
    path = "/api/v1/links/join",
    tag = "sharing",
    request_body = SharedSecret,
    security(("token" = [])),
    responses((status = 200, body = Project), (status = 404, body = ProblemBody, description = "bad-secret"))
)]
pub(super) async fn join(
    State(api): State<Api>,
    caller: Caller,
    Body(said): Body<SharedSecret>,
) -> Result<Json<Project>, Problem> {
    let (act, secret) = (caller.act(), SecretHash::of(&said.secret));
    let project = api.directory.change(move |conn| kept::join(conn, &act, secret)).await?;
    api.lines.recheck(Concern::User(caller.user.id)).await;
    Ok(Json(project))
}

/// A guest who wants to come in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct JoinAsGuest {
    secret: String,
    /// What others see.
    name: String,
}

/// A guest's tokens, and where he is.
#[derive(Serialize, ToSchema)]
pub(super) struct GuestJoined {
    tokens: Tokens,
    project: Project,
}

/// Come into a project by a link, without an account
///
/// One gets a log-in of one's own, for this project, for as long as the link is good.
#[utoipa::path(
    post,
    path = "/api/v1/links/join-as-guest",
    tag = "sharing",
    request_body = JoinAsGuest,
    responses(
        (status = 200, body = GuestJoined),
        (status = 403, body = ProblemBody, description = "not for guests"),
        (status = 404, body = ProblemBody, description = "bad-secret")
    )
)]
pub(super) async fn join_as_guest(
    State(api): State<Api>,
    visitor: Visitor,
    Body(said): Body<JoinAsGuest>,
) -> Result<Json<GuestJoined>, Problem> {
    let too_often = |wait| Problem::wait(Kind::Throttled, "too many guests: wait", wait);
    if !api.config.accounts.guests {
        let why = "this relay lets nobody in who has no account";
        return Err(Problem::new(Kind::Forbidden, why));
    }
    api.throttle.guests.put(network_of(visitor.address), Instant::now()).map_err(too_often)?;
    let (act, secret) = (visitor.act(None), SecretHash::of(&said.secret));
    let (guest, project) = api
        .directory
        .change(move |conn| kept::join_as_guest(conn, &act, secret, &said.name))
        .await?;
    let tokens = sessions::begin(&api, visitor, guest, "a guest's program".to_owned()).await?;
    Ok(Json(GuestJoined { tokens, project }))
}
