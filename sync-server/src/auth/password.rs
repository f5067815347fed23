//! Passwords: argon2id with the parameters that OWASP names (19 MiB, two passes, one lane), on as many threads as there are
//! processors, however many log in at once. Hashes of bcrypt, which other programs leave behind, are understood and
//! replaced when their owner next logs in.
//!
//! <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use std::{num::NonZeroUsize, sync::Arc};
use tokio::sync::Semaphore;

/// Fewer can be guessed (NIST SP 800-63B); more only cost time.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=256;
/// Who would wait behind so many others is told to come again.
const MAX_WAITING: usize = 64;
const MEMORY_KIB: u32 = 19 << 10;
const PASSES: u32 = 2;
/// bcrypt at a higher cost than this takes seconds: an import cannot ask for that.
const MAX_BCRYPT_COST: u32 = 14;

/// Why a password was not taken. The texts are for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short or too long.
    #[error("a password has 8 to 256 characters")]
    Length,
    /// One that everybody tries first.
    #[error("this password is among those that are tried first: take another")]
    Common,
    /// Too many log in at once.
    #[error("too many are logging in at once: try again in a moment")]
    Busy,
}

/// Where passwords are hashed.
#[derive(Clone, Debug)]
pub struct Passwords {
    places: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Of a password that nobody has: for those who are not there, so that they cost the same time.
    nobody: Arc<str>,
}

/// What came of a look at a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is another.
    Wrong,
    /// It is the one.
    Right {
        /// A hash that is to take the place of the old one.
        rehashed: Option<String>,
    },
}

impl Default for Passwords {
    fn default() -> Self {
        let places = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            places: Arc::new(Semaphore::new(places)),
            waiting: Arc::new(Semaphore::new(MAX_WAITING)),
            nobody: hash("the password of nobody").into(),
        }
    }
}

impl Passwords {
    /// The hash to keep of a new password.
    ///
    /// # Errors
    /// When it is not fit to be one.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        check(&password)?;
        self.run(move || hash(&password)).await
    }

    /// Is it the password of this hash? `None` stands for somebody who is not there, or who has no password; it takes
    /// as long.
    ///
    /// # Errors
    /// When too many ask.
    pub async fn verify(
        &self,
        password: String,
        kept: Option<String>,
    ) -> Result<Verdict, PasswordError> {
        if password.len() > *LENGTH.end() * 4 {
            return Ok(Verdict::Wrong);
        }
        let nobody = Arc::clone(&self.nobody);
        self.run(move || {
            let is_right = verify(&password, kept.as_deref().unwrap_or(&nobody));
            match kept {
                Some(kept) if is_right => {
                    Verdict::Right { rehashed: is_old(&kept).then(|| hash(&password)) }
                }
                _ => Verdict::Wrong,
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _waiting = self.waiting.try_acquire().map_err(|_| PasswordError::Busy)?;
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| PasswordError::Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        done.await.map_err(|_| PasswordError::Busy)
    }
}

/// Is it fit to be a password?
///
/// # Errors
/// When it is not.
pub fn check(password: &str) -> Result<(), PasswordError> {
    if !LENGTH.contains(&password.chars().count()) {
        return Err(PasswordError::Length);
    }
    let lower = password.to_lowercase();
    let is_common = COMMON.contains(&&*lower) || lower.chars().all(|c| lower.starts_with(c));
    if is_common { Err(PasswordError::Common) } else { Ok(()) }
}

/// Those of eight and more characters at the head of every list of leaked ones.
const COMMON: [&str; 28] = [
    "12345678",
    "123456789",
    "1234567890",
    "password",
    "password1",
    "password12",
    "password123",
    "passw0rd",
    "qwertyui",
    "qwertyuiop",
    "qwerty123",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "trustno1",
    "letmein1",
    "welcome1",
    "admin123",
    "abcd1234",
    "abc12345",
    "changeme",
    "computer",
];

/// A hash that was made elsewhere can be taken over.
///
/// # Errors
/// Says why not.
pub fn importable(kept: &str) -> Result<(), String> {
    if let Some(cost) = bcrypt_cost(kept) {
        return if cost <= MAX_BCRYPT_COST && kept.len() == 60 {
            Ok(())
        } else {
            Err(format!("a bcrypt hash has 60 characters and a cost of at most {MAX_BCRYPT_COST}"))
        };
    }
    match PasswordHash::new(kept) {
        Ok(parsed) if parsed.algorithm.as_str() == "argon2id" => Ok(()),
        _ => Err("only hashes of bcrypt and argon2id are understood".to_owned()),
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> String {
    // Our parameters and the salt's length are right, and memory for them is not refused: it is not asked for.
    argon2().hash_password(password.as_bytes()).expect("argon2 with fixed parameters").to_string()
}

fn verify(password: &str, kept: &str) -> bool {
    if bcrypt_cost(kept).is_some() {
        return bcrypt::verify(password, kept).unwrap_or(false);
    }
    PasswordHash::new(kept)
        .is_ok_and(|kept| argon2().verify_password(password.as_bytes(), &kept).is_ok())
}

fn bcrypt_cost(kept: &str) -> Option<u32> {
    let rest =
        ["$2a$", "$2b$", "$2x$", "$2y$"].iter().find_map(|start| kept.strip_prefix(start))?;
    rest.get(..2)?.parse().ok()
}

/// Made by another program, or with other parameters than we would take today.
fn is_old(kept: &str) -> bool {
    !kept.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_another_is_not() {
        let passwords = Passwords::default();
        let kept = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        let verify = |word: &str| passwords.verify(word.to_owned(), Some(kept.clone()));
        assert_eq!(verify("correct horse").await, Ok(Verdict::Right { rehashed: None }));
        assert_eq!(verify("correct horsf").await, Ok(Verdict::Wrong));
        let nobody = passwords.verify("the password of nobody".to_owned(), None).await;
        assert_eq!(nobody, Ok(Verdict::Wrong));
    }

    #[tokio::test]
    async fn a_hash_of_bcrypt_is_understood_and_replaced() {
        let passwords = Passwords::default();
        let kept = bcrypt::hash("correct horse", 4).unwrap();
        importable(&kept).unwrap();
        let verdict = passwords.verify("correct horse".to_owned(), Some(kept)).await.unwrap();
        let Verdict::Right { rehashed: Some(new) } = verdict else { panic!("{verdict:?}") };
        let verdict = passwords.verify("correct horse".to_owned(), Some(new)).await.unwrap();
        assert_eq!(verdict, Verdict::Right { rehashed: None });
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        assert_eq!(check("1234567"), Err(PasswordError::Length));
        assert_eq!(check("Password1"), Err(PasswordError::Common));
        assert_eq!(check("aaaaaaaaaa"), Err(PasswordError::Common));
        assert_eq!(check("écrire à deux"), Ok(()));
    }

    #[test]
    fn hashes_of_other_kinds_are_not_imported() {
        assert!(importable("$2b$16$").is_err());
        assert!(importable("5f4dcc3b5aa765d61d8327deb882cf99").is_err());
        assert!(importable("$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo").is_err());
    }
}
