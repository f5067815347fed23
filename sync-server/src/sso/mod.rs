//! Signing in through others: OpenID Connect providers, with an authorization code and PKCE (RFC 6749, RFC 7636, OpenID
//! Connect Core 1.0). The protocol is `openidconnect`'s; here is what we ask of a provider, when its description and keys
//! are read again, and which of its words are taken. An ID token is taken only with RS256 or ES256, by a key that the
//! provider publishes: the client's secret, which others of it know too, is never a key.

mod fetch;

use crate::{
    auth::{
        once::Once,
        secret::{Purpose, SecretHash},
    },
    config::{self, Config},
    directory::{Timestamp, UserId, identities::Identity},
};
use fetch::Fetch;
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, SignatureVerificationError,
    TokenResponse,
    core::{
        CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreIdTokenClaims,
        CoreIdTokenVerifier, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreTokenResponse,
        CoreUserInfoClaims,
    },
};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;
use url::Url;

/// A sign-in takes at most so long, in seconds.
const UNDERWAY_SECONDS: u32 = 600;
/// And the program that began it fetches what it came to within these.
const HAND_OVER_SECONDS: u32 = 60;
/// A provider's description and keys are read again after this time, …
const FRESH: Duration = Duration::from_secs(3600);
/// … and when a key is missing, but not more often than this.
const AGAIN: Duration = Duration::from_secs(5);

/// Why somebody was not signed in, in words for him.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SsoError {
    /// The provider does not answer, or not as it should.
    #[error("{name} cannot be asked now: {why}")]
    Unreachable {
        /// What people call it.
        name: String,
        /// What is in the way.
        why: String,
    },
    /// What it says is not to be trusted.
    #[error("what {name} says cannot be trusted: {why}")]
    Untrusted {
        /// What people call it.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// Not with an address of this domain.
    #[error("only who has an e-mail address of {0} can sign in this way")]
    Domain(String),
}

/// The program that somebody signs in with, which listens on the loopback of his machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desktop {
    /// Its port.
    pub port: u16,
    /// BASE64URL(SHA-256(verifier)), RFC 7636.
    pub challenge: String,
    /// What it knows its own sign-in by.
    pub state: String,
}

/// A sign-in that is under way in a browser.
pub struct Underway {
    /// At which provider.
    pub provider: String,
    /// What the browser has to bring: it is the one in which this began.
    pub cookie: SecretHash,
    /// For whom it is.
    pub desktop: Desktop,
    proof: Proof,
}

struct Proof {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

/// What a sign-in came to, until the program fetches it.
#[derive(Clone, Debug)]
pub struct HandOver {
    /// Whose account.
    pub user: UserId,
    /// Only who knows the verifier of this may have it.
    pub challenge: String,
}

/// All providers, and the sign-ins through them that are under way.
pub struct Providers {
    providers: BTreeMap<String, Provider>,
    underway: Once<Underway>,
    /// What they came to.
    pub hand_overs: Once<HandOver>,
}

impl Providers {
    /// As configured. No provider is asked yet.
    ///
    /// # Errors
    /// When the settings make no sense.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        let fetch = Fetch::new()?;
        let mut providers = BTreeMap::new();
        for (id, settings) in &config.sso {
            let redirect = format!("{}/sso/{id}/callback", config.public_url);
            let provider = Provider {
                id: id.clone(),
                settings: settings.clone(),
                issuer: IssuerUrl::new(settings.issuer.clone())?,
                redirect: RedirectUrl::new(redirect)?,
                fetch: fetch.clone(),
                known: Mutex::default(),
            };
            providers.insert(id.clone(), provider);
        }
        Ok(Self {
            providers,
            underway: Once::new(Purpose::SignIn, UNDERWAY_SECONDS),
            hand_overs: Once::new(Purpose::HandOver, HAND_OVER_SECONDS),
        })
    }

    /// Those that there are.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.providers.values()
    }

    /// One of them.
    pub fn get(&self, id: &str) -> Option<&Provider> {
        self.providers.get(id)
    }

    /// Begin a sign-in: the address at the provider to which the browser goes. `None` when too many are under way.
    ///
    /// # Errors
    /// When the provider is not reached.
    pub async fn begin(
        &self,
        provider: &Provider,
        desktop: Desktop,
        cookie: SecretHash,
        now: Timestamp,
    ) -> Result<Option<Url>, SsoError> {
        let known = provider.known(FRESH).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let nonce = Nonce::new_random();
        let proof = Proof { nonce: nonce.clone(), verifier };
        let underway = Underway { provider: provider.id.clone(), cookie, desktop, proof };
        let Some(state) = self.underway.give(underway, now) else { return Ok(None) };
        let client = provider.client(&known);
        let scopes = provider.settings.scopes.iter().cloned().map(Scope::new);
        let state = CsrfToken::new(state.reveal());
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request = client.authorize_url(flow, || state, || nonce);
        Ok(Some(request.add_scopes(scopes).set_pkce_challenge(challenge).url().0))
    }

    /// The sign-in that a browser brings back. It does so once.
    pub fn take(&self, state: &str, now: Timestamp) -> Option<Underway> {
        self.underway.take(SecretHash::of(state), now)
    }
}

/// What a provider tells of itself, and since when it is known.
#[derive(Clone)]
struct Known {
    metadata: Arc<CoreProviderMetadata>,
    at: Instant,
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider.
pub struct Provider {
    id: String,
    settings: config::Provider,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    fetch: Fetch,
    /// Held while the provider is asked, so that one asks for all who wait.
    known: Mutex<Option<Known>>,
}

impl Provider {
    /// Its id in the settings and in addresses.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Its issuer.
    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// Whoever it knows gets an account.
    pub fn creates_accounts(&self) -> bool {
        self.settings.creates_accounts
    }

    async fn known(&self, at_most: Duration) -> Result<Known, SsoError> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| known.at.elapsed() < at_most) {
            return Ok(known.clone());
        }
        let read = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.fetch).await;
        let metadata = Arc::new(read.map_err(|error| self.unreachable(&error))?);
        Ok(known.insert(Known { metadata, at: Instant::now() }).clone())
    }

    fn client(&self, known: &Known) -> Client {
        let settings = &self.settings;
        let secret = Some(settings.client_secret.clone()).filter(|secret| !secret.is_empty());
        let client = CoreClient::from_provider_metadata(
            (*known.metadata).clone(),
            ClientId::new(settings.client_id.clone()),
            secret.map(ClientSecret::new),
        );
        let methods = known.metadata.token_endpoint_auth_methods_supported();
        let takes_basic = methods
            .is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let auth = match takes_basic {
            true => openidconnect::AuthType::BasicAuth,
            false => openidconnect::AuthType::RequestBody,
        };
        client.set_redirect_uri(self.redirect.clone()).set_auth_type(auth)
    }

    /// Who somebody is who comes back from the provider with a code.
    ///
    /// # Errors
    /// When the provider is not reached, or what it says is not to be trusted.
    pub async fn identify(&self, code: String, underway: Underway) -> Result<Identity, SsoError> {
        let known = self.known(FRESH).await?;
        let client = self.client(&known);
        let Proof { nonce, verifier } = underway.proof;
        let exchange = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| self.untrusted(&error))?
            .set_pkce_verifier(verifier);
        let answer: CoreTokenResponse =
            exchange.request_async(&self.fetch).await.map_err(|error| self.refused(&error))?;
        let token = answer.id_token().ok_or_else(|| self.untrusted(&"it sent no ID token"))?;
        let claims = self.checked(known, token, &nonce, &answer).await?;
        let identity = self.identity(&claims);
        let identity = match identity.email {
            Some(_) => identity,
            None => self.with_user_info(&client, &answer, &claims, identity).await?,
        };
        self.of_our_domains(&identity)?;
        Ok(identity)
    }

    /// What the token says, once it is certain that the provider has said it, to us, now, and in this sign-in.
    async fn checked(
        &self,
        known: Known,
        token: &CoreIdToken,
        nonce: &Nonce,
        answer: &CoreTokenResponse,
    ) -> Result<CoreIdTokenClaims, SsoError> {
        let mut verifier = self.verifier(&known);
        let mut claims = token.claims(&verifier, nonce);
        if claims.as_ref().is_err_and(is_of_another_key) {
            // Its keys may be others now.
            verifier = self.verifier(&self.known(AGAIN).await?);
            claims = token.claims(&verifier, nonce);
        }
        let claims = claims.map_err(|error| self.untrusted(&error))?;
        if let Some(said) = claims.access_token_hash() {
            let key = token.signing_key(&verifier).map_err(|error| self.untrusted(&error))?;
            let algorithm = token.signing_alg().map_err(|error| self.untrusted(&error))?;
            let hash = AccessTokenHash::from_token(answer.access_token(), algorithm, key);
            if hash.map_err(|error| self.untrusted(&error))? != *said {
                return Err(self.untrusted(&"its access token belongs to another ID token"));
            }
        }
        Ok(claims.clone())
    }

    fn verifier(&self, known: &Known) -> CoreIdTokenVerifier<'static> {
        // As for a client without a secret: with one, a token could be signed with it.
        let client = ClientId::new(self.settings.client_id.clone());
        let keys = known.metadata.jwks().clone();
        CoreIdTokenVerifier::new_public_client(client, self.issuer.clone(), keys).set_allowed_algs(
            [
                CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            ],
        )
    }

    fn identity(&self, claims: &CoreIdTokenClaims) -> Identity {
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.to_string());
        Identity {
            provider: self.id.clone(),
            issuer: self.issuer.to_string(),
            subject: claims.subject().to_string(),
            email: claims.email().map(|email| email.as_str().to_owned()),
            is_email_proven: self.is_proven(claims.email_verified()),
            name: name.or_else(|| claims.preferred_username().map(|name| name.to_string())),
        }
    }

    fn is_proven(&self, said: Option<bool>) -> bool {
        said.unwrap_or(self.settings.trusts_email)
    }

    /// Some tell only there what they know of a person.
    async fn with_user_info(
        &self,
        client: &Client,
        answer: &CoreTokenResponse,
        claims: &CoreIdTokenClaims,
        identity: Identity,
    ) -> Result<Identity, SsoError> {
        let (token, subject) = (answer.access_token().clone(), claims.subject().clone());
        // A provider without such an address has told all.
        let Ok(request) = client.user_info(token, Some(subject)) else { return Ok(identity) };
        let told: CoreUserInfoClaims =
            request.request_async(&self.fetch).await.map_err(|error| self.untrusted(&error))?;
        let name = told.name().and_then(|name| name.get(None)).map(|name| name.to_string());
        Ok(Identity {
            email: told.email().map(|email| email.as_str().to_owned()),
            is_email_proven: self.is_proven(told.email_verified()),
            name: identity.name.clone().or(name),
            ..identity
        })
    }

    fn of_our_domains(&self, identity: &Identity) -> Result<(), SsoError> {
        let domains = &self.settings.domains;
        let email = identity.email.as_deref().unwrap_or_default().to_lowercase();
        let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
        if domains.is_empty() || domains.iter().any(|known| known == domain) {
            return Ok(());
        }
        Err(SsoError::Domain(domains.join(", ")))
    }

    fn unreachable(&self, error: &dyn std::error::Error) -> SsoError {
        SsoError::Unreachable { name: self.settings.name.clone(), why: in_full(error) }
    }

    fn untrusted(&self, why: &impl ToString) -> SsoError {
        SsoError::Untrusted { name: self.settings.name.clone(), why: why.to_string() }
    }

    /// A code was not taken: used before, or not given for this sign-in; or the provider is away.
    fn refused<R, T>(&self, error: &openidconnect::RequestTokenError<R, T>) -> SsoError
    where
        R: std::error::Error + 'static,
        T: openidconnect::ErrorResponse + 'static,
    {
        use openidconnect::RequestTokenError::{Other, Parse, Request, ServerResponse};
        match error {
            Request(error) => self.unreachable(error),
            ServerResponse(said) => self.untrusted(&format!("it refuses its own code ({said})")),
            Parse(error, _) => self.untrusted(error),
            Other(why) => self.untrusted(why),
        }
    }
}

fn is_of_another_key(error: &ClaimsVerificationError) -> bool {
    use SignatureVerificationError::{AmbiguousKeyId, CryptoError, NoMatchingKey};
    let ClaimsVerificationError::SignatureVerification(error) = error else { return false };
    matches!(error, NoMatchingKey | CryptoError(_) | AmbiguousKeyId(_))
}

/// An error with those that it comes from.
fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    text
}
