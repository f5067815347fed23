//! Access tokens: JSON Web Tokens signed with RS256, good for a quarter of an hour. They name the log-in, which is looked
//! up for each request: one that has ended is not waited for. Others can check the signatures with the public keys at
//! `/.well-known/jwks.json`.
//!
//! Only RS256 is taken, whatever a token says of itself, and only the keys of the directory (RFC 8725, section 3.1).

use crate::{
    directory::{Directory, KeyId, LoginId, RelayId, Result, Timestamp, UserId, keys, keys::Kept},
    directory::{DirectoryError, relay_id},
};
use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

/// Who may take one of our tokens: we.
const AUDIENCE: &str = "quire-relay";
/// The kind of token (RFC 9068): no other kind of ours passes for one.
const TYPE: &str = "at+jwt";
const DAY: u32 = 24 * 3600;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Which relay made it.
    pub iss: String,
    /// Who is to take it.
    pub aud: String,
    /// Whose it is.
    pub sub: UserId,
    /// Of which log-in.
    pub sid: LoginId,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
}

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It was good once.
    #[error("the access token has expired: refresh it")]
    Expired,
    /// We did not make it, or not for this.
    #[error("this is no access token of this relay")]
    NotOurs,
}

/// Makes and checks access tokens.
pub struct AccessTokens {
    issuer: String,
    seconds: u32,
    ring: RwLock<Arc<Ring>>,
}

struct Ring {
    id: KeyId,
    signs: KeyPair,
    checks: HashMap<String, DecodingKey>,
    public: Value,
}

impl AccessTokens {
    /// With the keys of the directory; a first one is made if there is none.
    ///
    /// # Errors
    /// When the disk fails, or a key that is kept is none.
    pub async fn open(directory: &Directory, seconds: u32, key_days: u32) -> Result<Self> {
        let relay: RelayId = directory.read(relay_id).await?;
        let kept = keep_fresh(directory, seconds, key_days, Timestamp::now()).await?;
        let ring = RwLock::new(Arc::new(Ring::new(kept)?));
        Ok(Self { issuer: format!("urn:quire-relay:{relay}"), seconds, ring })
    }

    /// Take keys that were added, add one when it is time, and let go of those that have signed nothing that is still
    /// good.
    ///
    /// # Errors
    /// As [`AccessTokens::open`].
    pub async fn renew_keys(&self, directory: &Directory, key_days: u32) -> Result<()> {
        let kept = keep_fresh(directory, self.seconds, key_days, Timestamp::now()).await?;
        if kept.len() == self.ring().checks.len() && kept[0].id == self.ring().id {
            return Ok(());
        }
        let ring = Arc::new(Ring::new(kept)?);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A token, and how many seconds it is good.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn issue(&self, user: UserId, login: LoginId, now: Timestamp) -> Result<(String, u32)> {
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            sid: login,
            iat: now.0,
            exp: now.after(self.seconds).0,
        };
        let ring = self.ring();
        let token = sign(&ring.signs, ring.id, &claims)?;
        Ok((token, self.seconds))
    }

    /// What a token says, if we made it and it is still good.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(&self, token: &str, now: Timestamp) -> std::result::Result<Claims, TokenError> {
        let not_ours = |_| TokenError::NotOurs;
        let header = jsonwebtoken::decode_header(token).map_err(not_ours)?;
        let is_ours = header.alg == Algorithm::RS256 && header.typ.as_deref() == Some(TYPE);
        let ring = self.ring();
        let key = header.kid.filter(|_| is_ours).and_then(|id| ring.checks.get(&id));
        let key = key.ok_or(TokenError::NotOurs)?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // By the time that we are given, without leeway: the clock is the one that signed.
        validation.validate_exp = false;
        let claims: Claims =
            jsonwebtoken::decode(token, key, &validation).map_err(not_ours)?.claims;
        if claims.exp <= now.0 { Err(TokenError::Expired) } else { Ok(claims) }
    }

    /// The public keys, as a JSON Web Key Set (RFC 7517).
    pub fn public_keys(&self) -> Value {
        self.ring().public.clone()
    }
}

impl Ring {
    fn new(kept: Vec<Kept>) -> Result<Self> {
        let mut checks = HashMap::new();
        let mut public = Vec::new();
        let mut signs = None;
        for key in kept {
            let pair = KeyPair::from_pkcs8(&key.private).map_err(|_| unusable())?;
            let modulus = pair.public_key().modulus().big_endian_without_leading_zero().to_vec();
            let exponent = pair.public_key().exponent().big_endian_without_leading_zero().to_vec();
            checks.insert(
                key.id.to_string(),
                DecodingKey::from_rsa_raw_components(&modulus, &exponent),
            );
            public.push(json!({
                "kty": "RSA",
                "use": "sig",
                "alg": "RS256",
                "kid": key.id,
                "n": URL_SAFE_NO_PAD.encode(modulus),
                "e": URL_SAFE_NO_PAD.encode(exponent),
            }));
            signs = signs.or(Some((key.id, pair)));
        }
        let (id, signs) = signs.ok_or_else(unusable)?;
        Ok(Self { id, signs, checks, public: json!({ "keys": public }) })
    }
}

fn unusable() -> DirectoryError {
    DirectoryError::Disk("the keys that sign access tokens cannot be used".to_owned())
}

/// A new key.
///
/// # Errors
/// When the system has no randomness.
pub fn new_key(now: Timestamp) -> Result<Kept> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| unusable())?;
    let private: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| unusable())?;
    Ok(Kept { id: KeyId::new(), private: private.as_ref().to_vec(), created_at: now })
}

async fn keep_fresh(
    directory: &Directory,
    seconds: u32,
    key_days: u32,
    now: Timestamp,
) -> Result<Vec<Kept>> {
    let kept = directory.read(keys::list).await?;
    let is_fresh = |key: &Kept| key.created_at.after(key_days.saturating_mul(DAY)) > now;
    let newest_is_fresh = kept.first().is_some_and(is_fresh);
    if newest_is_fresh && kept.len() == 1 {
        return Ok(kept);
    }
    let new = if newest_is_fresh {
        None
    } else {
        let made = tokio::task::spawn_blocking(move || new_key(now)).await;
        Some(made.map_err(|_| unusable())??)
    };
    // A token of before the change is good for so long, and clocks of several readers differ.
    let replaced_before = Timestamp(now.0 - i64::from(seconds) - 300);
    directory
        .change(move |conn| {
            if let Some(new) = &new {
                keys::add(conn, new)?;
            }
            keys::remove_replaced_before(conn, replaced_before)?;
            keys::list(conn)
        })
        .await
}

fn sign(key: &KeyPair, id: KeyId, claims: &Claims) -> Result<String> {
    let header = json!({ "alg": "RS256", "typ": TYPE, "kid": id });
    let claims = serde_json::to_vec(claims).map_err(|_| unusable())?;
    let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(claims, &mut token);
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature)
        .map_err(|_| unusable())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_token_is_good_until_it_ends_and_at_its_own_relay_only() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let directories = folders.each_ref().map(|folder| Directory::open(folder.path()).unwrap());
        let ours = AccessTokens::open(&directories[0], 900, 30).await.unwrap();
        let theirs = AccessTokens::open(&directories[1], 900, 30).await.unwrap();
        let (user, login, now) = (UserId::new(), LoginId::new(), Timestamp::now());
        let (token, seconds) = ours.issue(user, login, now).unwrap();
        let claims = ours.check(&token, now.after(seconds - 1)).unwrap();
        assert_eq!((claims.sub, claims.sid), (user, login));
        assert_eq!(ours.check(&token, now.after(seconds)), Err(TokenError::Expired));
        assert_eq!(theirs.check(&token, now), Err(TokenError::NotOurs));
    }

    #[tokio::test]
    async fn a_key_that_was_replaced_is_good_until_its_last_token_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::open(folder.path()).unwrap();
        let tokens = AccessTokens::open(&directory, 900, 30).await.unwrap();
        let start = Timestamp::now();
        let (token, _) = tokens.issue(UserId::new(), LoginId::new(), start).unwrap();
        let day_31 = start.after(31 * DAY);
        assert_eq!(keep_fresh(&directory, 900, 30, day_31).await.unwrap().len(), 2);
        tokens.renew_keys(&directory, 3000).await.unwrap();
        assert_eq!(tokens.public_keys()["keys"].as_array().unwrap().len(), 2);
        assert!(tokens.check(&token, start).is_ok());
        let (second, _) = tokens.issue(UserId::new(), LoginId::new(), start).unwrap();
        assert_eq!(keep_fresh(&directory, 900, 30, day_31.after(1200)).await.unwrap().len(), 2);
        assert_eq!(keep_fresh(&directory, 900, 30, day_31.after(1201)).await.unwrap().len(), 1);
        tokens.renew_keys(&directory, 3000).await.unwrap();
        assert_eq!(tokens.check(&token, start), Err(TokenError::NotOurs));
        assert!(tokens.check(&second, start).is_ok());
    }
}
