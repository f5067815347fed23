//! Somebody who is signed in at a relay. Access tokens end after a quarter of an hour; the refresh token with which one
//! gets the next is good once, and is kept before it is used.

use crate::{
    BrowserSignIn, Coming, Http, JoinLink, Keeping, ProblemKind, RelayAddress, RelayError, User,
    Vault,
    browser::{Came, not_taken},
    model::{ProjectInfo, Tokens},
};
use reqwest::Method;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};
use tokio::sync::{Mutex, Notify, Semaphore, SemaphorePermit};

/// An access token is replaced so long before it ends, or when half of a short life is over.
const BEFORE_THE_END: Duration = Duration::from_secs(90);

/// What is kept of a log-in to go on with it at the next start. None of it is a secret.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, Deserialize)]
pub struct SignedIn {
    /// The relay.
    pub relay: RelayAddress,
    /// The log-in.
    pub session: String,
    /// Who.
    pub user: User,
}

/// Somebody who is signed in.
pub struct Account {
    http: Http,
    signed_in: SignedIn,
    vault: Arc<Vault>,
    /// Held while the relay is asked for the next tokens: whoever needs them waits for the same answer, since the
    /// refresh token is good once.
    tokens: Mutex<Held>,
    keeping: RwLock<Keeping>,
    /// Tells those who wait to try again that the relay is there.
    reached: Notify,
    connecting: Semaphore,
}

/// Lines that are being made at a time.
const AT_A_TIME: usize = 8;

#[derive(Default)]
struct Held {
    access: Option<Access>,
    refresh: Option<String>,
    /// The relay says that the log-in has ended.
    is_over: bool,
}

struct Access {
    token: String,
    renew_at: Instant,
}

impl Access {
    fn new(token: String, seconds: u64, asked_at: Instant) -> Self {
        let life = Duration::from_secs(seconds);
        let early = BEFORE_THE_END.min(life / 2);
        Self { token, renew_at: asked_at + (life - early) }
    }
}

impl Account {
    /// Sign in with e-mail address and password.
    pub async fn sign_in(
        relay: RelayAddress,
        vault: Arc<Vault>,
        email: &str,
        password: &str,
        device: &str,
    ) -> Result<Arc<Self>, RelayError> {
        let http = Http::new(relay);
        let body = json!({ "email": email, "password": password, "device": device });
        let asked_at = Instant::now();
        let tokens = http.ask(Method::POST, "/sessions", None, Some(&body)).await?;
        Ok(Self::begin(http, vault, tokens, asked_at).await)
    }

    /// Sign in through a provider: wait until the browser comes back, and fetch the tokens.
    pub async fn sign_in_in_browser(
        sign_in: BrowserSignIn,
        vault: Arc<Vault>,
        device: &str,
    ) -> Result<Arc<Self>, RelayError> {
        let Came { http, code, verifier } = sign_in.come_back().await?;
        let body = json!({ "code": code, "verifier": verifier, "device": device });
        let asked_at = Instant::now();
        let answer = http.ask(Method::POST, "/sessions/sso", None, Some(&body)).await;
        Ok(Self::begin(http, vault, answer.map_err(not_taken)?, asked_at).await)
    }

    /// Come into a project by a link, without an account.
    pub async fn join_as_guest(
        link: &JoinLink,
        vault: Arc<Vault>,
        name: &str,
    ) -> Result<(Arc<Self>, ProjectInfo), RelayError> {
        #[derive(Deserialize)]
        struct Joined {
            tokens: Tokens,
            project: ProjectInfo,
        }
        let http = Http::new(link.relay.clone());
        let body = json!({ "secret": link.secret, "name": name });
        let asked_at = Instant::now();
        let joined: Joined =
            http.ask(Method::POST, "/links/join-as-guest", None, Some(&body)).await?;
        Ok((Self::begin(http, vault, joined.tokens, asked_at).await, joined.project))
    }

    async fn begin(http: Http, vault: Arc<Vault>, tokens: Tokens, asked_at: Instant) -> Arc<Self> {
        let relay = http.address().clone();
        let signed_in = SignedIn { relay, session: tokens.session, user: tokens.user };
        let keeping = vault.put(&name_of(&signed_in), &tokens.refresh_token).await;
        let access = Access::new(tokens.access_token, tokens.expires_in, asked_at);
        let held =
            Held { access: Some(access), refresh: Some(tokens.refresh_token), is_over: false };
        Arc::new(Self::with(http, signed_in, vault, held, keeping))
    }

    /// Go on with the log-in of an earlier start. The relay is asked when something is needed of it.
    pub fn resume(signed_in: SignedIn, vault: Arc<Vault>) -> Arc<Self> {
        let http = Http::new(signed_in.relay.clone());
        Arc::new(Self::with(http, signed_in, vault, Held::default(), Keeping::Keyring))
    }

    fn with(
        http: Http,
        signed_in: SignedIn,
        vault: Arc<Vault>,
        held: Held,
        keeping: Keeping,
    ) -> Self {
        let (tokens, keeping) = (Mutex::new(held), RwLock::new(keeping));
        let (reached, connecting) = (Notify::new(), Semaphore::new(AT_A_TIME));
        Self { http, signed_in, vault, tokens, keeping, reached, connecting }
    }

    /// The relay is there: who waits to try again may try now.
    pub fn reached(&self) {
        self.reached.notify_waiters();
    }

    pub(crate) async fn is_reached(&self) {
        self.reached.notified().await;
    }

    /// A permit to make a line; not all are made at a time.
    pub(crate) async fn turn_to_connect(&self) -> Option<SemaphorePermit<'_>> {
        self.connecting.acquire().await.ok()
    }

    /// Who is signed in where.
    pub fn signed_in(&self) -> &SignedIn {
        &self.signed_in
    }

    /// Where the refresh token was put last.
    pub fn keeping(&self) -> Keeping {
        self.keeping.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn http(&self) -> &Http {
        &self.http
    }

    /// An access token that is good for a while, and when to ask for the next.
    pub(crate) async fn access(&self) -> Result<(String, Instant), RelayError> {
        let mut held = self.tokens.lock().await;
        self.fresh(&mut held).await?;
        match &held.access {
            Some(access) => Ok((access.token.clone(), access.renew_at)),
            None => Err(self.signed_out()),
        }
    }

    /// The relay does not take this access token any more, whatever its time.
    pub(crate) async fn reject(&self, token: &str) {
        let mut held = self.tokens.lock().await;
        if held.access.as_ref().is_some_and(|access| access.token == token) {
            held.access = None;
        }
    }

    async fn fresh(&self, held: &mut Held) -> Result<(), RelayError> {
        if held.access.as_ref().is_some_and(|access| Instant::now() < access.renew_at) {
            return Ok(());
        }
        if held.is_over {
            return Err(self.signed_out());
        }
        if held.refresh.is_none() {
            held.refresh = self.vault.get(&name_of(&self.signed_in)).await;
        }
        let Some(refresh) = &held.refresh else {
            return Err(self.signed_out());
        };
        let asked_at = Instant::now();
        let body = json!({ "refresh_token": refresh });
        let answer = self.http.ask(Method::POST, "/sessions/refresh", None, Some(&body)).await;
        let tokens: Tokens = match answer {
            Ok(tokens) => tokens,
            Err(error) if error.kind() == Some(ProblemKind::Unauthenticated) => {
                *held = Held { is_over: true, ..Held::default() };
                self.vault.remove(&name_of(&self.signed_in)).await;
                return Err(self.signed_out());
            }
            // Perhaps only the answer was lost: the same token is asked with again.
            Err(error) => return Err(error),
        };
        // Kept first: used before, and lost in a crash, it would end the log-in.
        let keeping = self.vault.put(&name_of(&self.signed_in), &tokens.refresh_token).await;
        *self.keeping.write().unwrap_or_else(PoisonError::into_inner) = keeping;
        held.refresh = Some(tokens.refresh_token);
        held.access = Some(Access::new(tokens.access_token, tokens.expires_in, asked_at));
        Ok(())
    }

    fn signed_out(&self) -> RelayError {
        RelayError::SignedOut(self.signed_in.relay.name().to_owned())
    }

    /// Ask for something; once more with a new token, when the relay does not take the one that we have.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<T, RelayError> {
        let (token, _) = self.access().await?;
        let answer = self.http.ask(method.clone(), path, Some(&token), body.as_ref()).await;
        if !answer.as_ref().is_err_and(is_stale) {
            return answer;
        }
        let token = self.another(&token).await?;
        self.http.ask(method, path, Some(&token), body.as_ref()).await
    }

    /// The token after one that the relay does not take.
    pub(crate) async fn another(&self, token: &str) -> Result<String, RelayError> {
        self.reject(token).await;
        Ok(self.access().await?.0)
    }

    /// Come into a project by a link or an invitation.
    pub async fn join(&self, link: &JoinLink) -> Result<ProjectInfo, RelayError> {
        let path = match link.coming {
            Coming::Link => "/links/join",
            Coming::Invitation => "/invitations/accept",
        };
        self.ask(Method::POST, path, Some(json!({ "secret": link.secret }))).await
    }

    /// End the log-in, here and at the relay; there only if it can be reached.
    pub async fn sign_out(&self) {
        let ended: Result<(), _> = self.ask(Method::DELETE, "/sessions/current", None).await;
        // It ends by itself some days later.
        drop(ended);
        *self.tokens.lock().await = Held { is_over: true, ..Held::default() };
        self.vault.remove(&name_of(&self.signed_in)).await;
    }
}

/// The relay does not take the token.
pub(crate) fn is_stale(error: &RelayError) -> bool {
    matches!(error.kind(), Some(ProblemKind::TokenExpired | ProblemKind::Unauthenticated))
}

/// The name of a log-in's refresh token: two programs with log-ins of one person have tokens of their own.
fn name_of(signed_in: &SignedIn) -> String {
    format!("{} {}", signed_in.relay, signed_in.session)
}
