//! Who somebody is at a provider through which people sign in, and which account is his here. A provider's word is taken
//! for an account only once, for an address that both sides have proven; from then on the account is found by what never
//! changes at the provider, its issuer and subject, and not by the address, which may be given to somebody else.

use super::{
    Act, DirectoryError, Result, audit,
    users::{self, NewUser, User},
};
use crate::config::Registration;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;

/// What a provider says of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The id of the provider in our settings.
    pub provider: String,
    /// The provider, for ever.
    pub issuer: String,
    /// Who he is there, for ever.
    pub subject: String,
    /// His address, if it is told.
    pub email: Option<String>,
    /// The provider has proven that it is his.
    pub is_email_proven: bool,
    /// What others call him, if it is told.
    pub name: Option<String>,
}

/// Who gets an account because a provider knows him.
#[derive(Clone, Copy, Debug)]
pub struct Admission {
    /// Whoever the provider knows.
    pub creates_accounts: bool,
    /// Else as who registers.
    pub registration: Registration,
}

/// The account of somebody who has proven at a provider who he is: the one that he has come to before, the one with his
/// address, or a new one.
///
/// # Errors
/// When he may not come in, or it is not certain that the account with his address is his.
pub fn sign_in(
    conn: &Connection,
    act: &Act,
    identity: &Identity,
    admission: Admission,
) -> Result<User> {
    let user = match known(conn, act, identity)? {
        Some(user) => user,
        None => first_time(conn, act, identity, admission)?,
    };
    if user.disabled_at.is_some() {
        return Err(DirectoryError::Forbidden("this account was closed by an administrator"));
    }
    Ok(user)
}

fn known(conn: &Connection, act: &Act, identity: &Identity) -> Result<Option<User>> {
    let user = conn
        .prepare_cached(
            "UPDATE identities SET used_at = ?3 WHERE issuer = ?1 AND subject = ?2 RETURNING user",
        )?
        .query_row(params![identity.issuer, identity.subject, act.at], |row| row.get(0))
        .optional()?;
    user.map_or(Ok(None), |user| users::find(conn, user))
}

fn first_time(
    conn: &Connection,
    act: &Act,
    identity: &Identity,
    admission: Admission,
) -> Result<User> {
    let email = identity.email.as_deref().ok_or(DirectoryError::Forbidden(
        "the provider does not tell your e-mail address, and the relay has to know it",
    ))?;
    if !identity.is_email_proven {
        return Err(DirectoryError::Forbidden(
            "the provider has not proven that your e-mail address is yours: prove it there, and come again",
        ));
    }
    let email = users::checked_email(email)?;
    let user = match users::find_by_email(conn, &email)? {
        Some((user, _)) => safe_to_link(conn, identity, user)?,
        None => create(conn, act, identity, email, admission)?,
    };
    conn.prepare_cached("INSERT INTO identities VALUES (?1, ?2, ?3, ?4, ?5, ?5)")?
        .execute(params![identity.issuer, identity.subject, user.id, identity.provider, act.at])?;
    let act = Act { user: Some(user.id), ..*act };
    let detail = json!({ "provider": identity.provider, "subject": identity.subject });
    audit::write(conn, &act, "identity.link", None, Some(user.id.to_string()), &detail)?;
    Ok(user)
}

/// An account whose address nobody has proven may be that of somebody who took it before its owner came; and an address
/// that belonged to another person of the provider was given to somebody else there.
fn safe_to_link(conn: &Connection, identity: &Identity, user: User) -> Result<User> {
    if user.verified_at.is_none() {
        return Err(DirectoryError::Conflict(
            "an account here has your e-mail address, and nobody has proven that it is his: ask for a new password, which \
             proves it, and come again",
        ));
    }
    let is_others: bool = conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM identities WHERE user = ?1 AND issuer = ?2)")?
        .query_row(params![user.id, identity.issuer], |row| row.get(0))?;
    if is_others {
        return Err(DirectoryError::Conflict(
            "the account with your e-mail address belongs to somebody else of your provider: ask an administrator",
        ));
    }
    Ok(user)
}

fn create(
    conn: &Connection,
    act: &Act,
    identity: &Identity,
    email: String,
    admission: Admission,
) -> Result<User> {
    let is_let_in = admission.creates_accounts
        || match admission.registration {
            Registration::Open => true,
            Registration::Invited => is_invited(conn, act, &email)?,
            Registration::Closed => false,
        };
    if !is_let_in {
        return Err(DirectoryError::Forbidden(
            "you have no account here: ask somebody to invite you into a project, or an administrator for an account",
        ));
    }
    // A provider's names are as long and as odd as it likes.
    let name: String = identity.name.as_deref().unwrap_or_default().chars().take(100).collect();
    let before_at = email.split('@').next().unwrap_or_default().to_owned();
    let name = super::checked_name(&name, "a name").unwrap_or(before_at);
    let new =
        NewUser { email: Some(email), name, password: None, is_admin: false, is_verified: true };
    users::create(conn, act, new)
}

fn is_invited(conn: &Connection, act: &Act, email: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM invitations WHERE email = ?1 AND expires_at > ?2)";
    Ok(conn.prepare_cached(sql)?.query_row(params![email, act.at], |row| row.get(0))?)
}

/// Somebody's account is found through no provider any more, until he signs in there with its address again. How many
/// ways there were.
///
/// # Errors
/// When there is no such account.
pub fn unlink(conn: &Connection, act: &Act, email: &str) -> Result<usize> {
    let found = users::find_by_email(conn, &users::checked_email(email)?)?;
    let (user, _) = found.ok_or(DirectoryError::NotFound("user"))?;
    let removed =
        conn.prepare_cached("DELETE FROM identities WHERE user = ?1")?.execute([user.id])?;
    let detail = json!({ "count": removed });
    audit::write(conn, act, "identity.unlink", None, Some(user.id.to_string()), &detail)?;
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{Directory, Timestamp};

    const CLOSED: Admission =
        Admission { creates_accounts: false, registration: Registration::Closed };
    const OPEN: Admission =
        Admission { creates_accounts: true, registration: Registration::Closed };

    fn ann() -> Identity {
        Identity {
            provider: "campus".to_owned(),
            issuer: "https://login.example.org".to_owned(),
            subject: "4711".to_owned(),
            email: Some("Ann@example.org".to_owned()),
            is_email_proven: true,
            name: Some("Ann".to_owned()),
        }
    }

    fn check(test: impl FnOnce(&Connection, Act) -> Result<()> + Send + 'static) {
        let folder = tempfile::tempdir().unwrap();
        let act = Act { at: Timestamp(1000), ..Act::of_operator() };
        Directory::open(folder.path()).unwrap().change_now(move |conn| test(conn, act)).unwrap();
    }

    fn account(conn: &Connection, act: &Act, is_verified: bool) -> Result<User> {
        let new = NewUser {
            email: Some("ann@example.org".to_owned()),
            name: "Ann".to_owned(),
            password: Some("x".to_owned()),
            is_admin: false,
            is_verified,
        };
        users::create(conn, act, new)
    }

    #[test]
    fn a_proven_address_finds_its_account_once_and_the_subject_finds_it_ever_after() {
        check(|conn, act| {
            let user = account(conn, &act, true)?;
            assert_eq!(sign_in(conn, &act, &ann(), CLOSED)?.id, user.id);
            let moved = Identity { email: Some("new@example.org".to_owned()), ..ann() };
            assert_eq!(sign_in(conn, &act, &moved, CLOSED)?.id, user.id);
            // The same number at another provider is another person.
            let other =
                Identity { issuer: "https://evil.example".to_owned(), email: None, ..ann() };
            assert!(sign_in(conn, &act, &other, OPEN).is_err());
            Ok(())
        });
    }

    #[test]
    fn an_account_is_linked_only_when_both_sides_have_proven_the_address() {
        check(|conn, act| {
            account(conn, &act, false)?;
            let refused = sign_in(conn, &act, &ann(), OPEN).unwrap_err();
            assert!(matches!(refused, DirectoryError::Conflict(_)), "{refused}");
            let unproven = Identity { is_email_proven: false, ..ann() };
            let refused = sign_in(conn, &act, &unproven, OPEN).unwrap_err();
            assert!(matches!(refused, DirectoryError::Forbidden(_)), "{refused}");
            Ok(())
        });
    }

    #[test]
    fn an_address_that_the_provider_gave_to_somebody_else_does_not_open_the_account() {
        check(|conn, act| {
            let user = account(conn, &act, true)?;
            sign_in(conn, &act, &ann(), CLOSED)?;
            let successor = Identity { subject: "4712".to_owned(), ..ann() };
            let refused = sign_in(conn, &act, &successor, OPEN).unwrap_err();
            assert!(matches!(refused, DirectoryError::Conflict(_)), "{refused}");
            assert_eq!(unlink(conn, &act, "ann@example.org")?, 1);
            assert_eq!(sign_in(conn, &act, &successor, OPEN)?.id, user.id);
            Ok(())
        });
    }

    #[test]
    fn who_is_new_gets_an_account_only_where_that_is_wanted() {
        check(|conn, act| {
            assert!(sign_in(conn, &act, &ann(), CLOSED).is_err());
            let invited = Admission { registration: Registration::Invited, ..CLOSED };
            assert!(sign_in(conn, &act, &ann(), invited).is_err());
            let odd = Identity { name: Some("\u{7}".repeat(300)), ..ann() };
            let user = sign_in(conn, &act, &odd, OPEN)?;
            assert_eq!((&*user.name, user.email.as_deref()), ("ann", Some("ann@example.org")));
            assert!(user.verified_at.is_some() && !user.is_admin);
            Ok(())
        });
    }

    #[test]
    fn a_closed_account_is_closed_in_this_way_too() {
        check(|conn, act| {
            let user = account(conn, &act, true)?;
            let email = Some("root@example.org".to_owned());
            let (name, password) = ("Root".to_owned(), None);
            let root = NewUser { email, name, password, is_admin: true, is_verified: true };
            users::create(conn, &act, root)?;
            sign_in(conn, &act, &ann(), CLOSED)?;
            users::set_disabled(conn, &act, user.id, true)?;
            let refused = sign_in(conn, &act, &ann(), OPEN).unwrap_err();
            assert!(matches!(refused, DirectoryError::Forbidden(_)), "{refused}");
            Ok(())
        });
    }
}
