//! Secrets that the relay gives out: 256 random bits behind a word that says what they are for, so that a scanner of
//! sources finds one that was left there. The relay keeps only their SHA-256: who reads its disk can use none of them.
//! They are as hard to guess as their hash, so no slow hash is needed.

use crate::ids::random;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rusqlite::{ToSql, types::ToSqlOutput};
use sha2::{Digest, Sha256};
use std::fmt;

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A refresh token.
    Refresh,
    /// A personal token.
    Personal,
    /// A link into a project.
    Link,
    /// An invitation into a project.
    Invitation,
    /// A letter that proves that one reads the mail of an address.
    Letter,
    /// A ticket for one line.
    Ticket,
    /// A sign-in through another provider that is under way in a browser.
    SignIn,
    /// What such a sign-in came to, for the program that began it.
    HandOver,
}

impl Purpose {
    /// How a secret of this purpose begins.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Refresh => "qrr_",
            Self::Personal => "qrp_",
            Self::Link => "qrl_",
            Self::Invitation => "qri_",
            Self::Letter => "qrm_",
            Self::Ticket => "qrt_",
            Self::SignIn => "qrs_",
            Self::HandOver => "qrh_",
        }
    }
}

/// A secret in clear. It is told once, to whom it is for, and kept nowhere.
pub struct Secret(String);

impl Secret {
    /// A new one.
    pub fn new(purpose: Purpose) -> Self {
        let random = URL_SAFE_NO_PAD.encode(random::<32>());
        Self(format!("{}{random}", purpose.prefix()))
    }

    /// What is kept of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }

    /// To tell it.
    pub fn reveal(self) -> String {
        self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is kept of a secret. It is looked up as the key of an index: how far two hashes are alike says nothing of the
/// secrets, so that the time of the look-up tells nothing either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Of what somebody says is a secret.
    pub fn of(said: &str) -> Self {
        Self(Sha256::digest(said.as_bytes()).into())
    }
}

impl ToSql for SecretHash {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_slice().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_by_none_of_its_formats() {
        let secret = Secret::new(Purpose::Link);
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        let told = secret.reveal();
        assert!(told.starts_with("qrl_") && told.len() == 47, "{told}");
    }
}
