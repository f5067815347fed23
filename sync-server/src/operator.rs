//! What is done at the machine itself: the first administrator, keys, checks, accounts from elsewhere.

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use quire_relay::{
    archive,
    auth::{password, password::Passwords, tokens},
    backup, blobs,
    config::Config,
    directory::{
        self, Act, Directory, Timestamp, identities, keys,
        letters::{self, Letter},
        personal,
        users::{self, NewUser},
    },
    import,
};
use serde::Deserialize;
use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

/// `quire-relay admin`
#[derive(Subcommand)]
pub(crate) enum Admin {
    /// Make an administrator: a new account, or one that is there. Tells the address at which the password is chosen
    Create {
        /// The address
        email: String,
        /// What others see; what is before the @, if it is not said
        #[arg(long)]
        name: Option<String>,
        /// Read the password from the standard input instead
        #[arg(long)]
        password_stdin: bool,
    },
    /// Make a personal token for somebody, for scripts; it is told once
    Token {
        /// The address
        email: String,
        /// What it is for
        #[arg(long, default_value = "made by the operator")]
        name: String,
        /// It ends after so many days
        #[arg(long)]
        days: Option<u32>,
    },
    /// Forget through which providers somebody signs in: the next who proves his address there gets the account
    Unlink {
        /// The address
        email: String,
    },
    /// Sign access tokens with a new key from now on
    RotateKeys,
}

fn open(config: &Config) -> Result<Directory> {
    Directory::open(&config.data)
        .with_context(|| format!("cannot open the accounts in {}", config.data.display()))
}

pub(crate) async fn admin(config: &Config, admin: Admin) -> Result<()> {
    let directory = open(config)?;
    match admin {
        Admin::Create { email, name, password_stdin } => {
            create(config, &directory, email, name, password_stdin).await
        }
        Admin::Token { email, name, days } => token(&directory, email, name, days).await,
        Admin::Unlink { email } => {
            let act = Act::of_operator();
            let count =
                directory.change(move |conn| identities::unlink(conn, &act, &email)).await?;
            println!("{count} ways to sign in through a provider were forgotten");
            Ok(())
        }
        Admin::RotateKeys => {
            let key = tokens::new_key(Timestamp::now())?;
            directory.change(move |conn| keys::add(conn, &key)).await?;
            println!(
                "a new key signs, within a minute; the old one is good until its last token has ended"
            );
            Ok(())
        }
    }
}

async fn create(
    config: &Config,
    directory: &Directory,
    email: String,
    name: Option<String>,
    password_stdin: bool,
) -> Result<()> {
    let email = users::checked_email(&email)?;
    let hash = if password_stdin {
        let mut password = String::new();
        std::io::stdin().lock().read_line(&mut password).context("the password")?;
        let password = password.trim_end_matches(['\r', '\n']).to_owned();
        Some(Passwords::default().hash(password).await?)
    } else {
        None
    };
    let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
    let has_password = hash.is_some();
    let act = Act::of_operator();
    let (user, secret) = directory
        .change(move |conn| {
            let user = match users::find_by_email(conn, &email)? {
                Some((user, _)) => {
                    users::set_admin(conn, &act, user.id, true)?;
                    user
                }
                None => {
                    let is_verified = true;
                    let email = Some(email);
                    let new = NewUser { email, name, password: None, is_admin: true, is_verified };
                    users::create(conn, &act, new)?
                }
            };
            if let Some(hash) = hash {
                users::set_password(conn, &act, user.id, &hash)?;
            }
            let secret = letters::write(conn, user.id, Letter::Reset, act.at)?;
            Ok((user, secret))
        })
        .await?;
    println!("{} is an administrator now", user.email.unwrap_or_default());
    if !has_password {
        println!(
            "within an hour, choose a password at {}/account#reset={}",
            config.public_url,
            secret.reveal()
        );
    }
    Ok(())
}

async fn token(
    directory: &Directory,
    email: String,
    name: String,
    days: Option<u32>,
) -> Result<()> {
    let email = users::checked_email(&email)?;
    let act = Act::of_operator();
    let expires_at = days.map(|days| act.at.after(days.saturating_mul(24 * 3600)));
    let made = directory.change(move |conn| {
        let Some((user, _)) = users::find_by_email(conn, &email)? else { return Ok(None) };
        personal::create(conn, &act, user.id, &name, expires_at).map(Some)
    });
    let Some((_, secret)) = made.await? else { bail!("nobody has this address") };
    println!("{}", secret.reveal());
    Ok(())
}

pub(crate) async fn verify(config: &Config, known: Option<String>) -> Result<()> {
    // Tables are brought to this version, should they be older.
    drop(open(config)?);
    let folder = config.data.clone();
    tokio::task::spawn_blocking(move || archive::upgrade(&folder)).await??;
    let folder = config.data.clone();
    let checked = tokio::task::spawn_blocking(move || directory::check(&folder, known.as_deref()));
    let (head, hashes) = checked.await??;
    println!("the audit log has {} entries and is whole up to {}", head.entries, head.hash);
    let folder = config.data.clone();
    let documents = tokio::task::spawn_blocking(move || archive::verify(&folder)).await??;
    println!("{documents} documents were read, and are whole");
    let (folder, count) = (config.data.clone(), hashes.len());
    tokio::task::spawn_blocking(move || blobs::verify(&folder, &hashes)).await??;
    println!("what files hold was read, and is whole: {count} different contents");
    println!(
        "keep the hash elsewhere: with --audit it shows later whether the log was cut or written anew"
    );
    Ok(())
}

pub(crate) async fn backup(config: &Config, folder: PathBuf) -> Result<()> {
    let data = config.data.clone();
    let made = tokio::task::spawn_blocking(move || backup::backup(&data, &folder)).await??;
    tell(&made);
    Ok(())
}

pub(crate) async fn restore(config: &Config, folder: PathBuf) -> Result<()> {
    let data = config.data.clone();
    let made = tokio::task::spawn_blocking(move || backup::restore(&folder, &data)).await??;
    tell(&made);
    Ok(())
}

fn tell(made: &backup::Contents) {
    println!(
        "{} documents, {} different contents of files, and an audit log of {} entries up to {}: read back, and whole",
        made.documents, made.blobs, made.audit.entries, made.audit.hash
    );
}

pub(crate) async fn import(
    config: &Config,
    archive: &Path,
    owner: &str,
    name: Option<String>,
) -> Result<()> {
    let made = import::import(config, archive, owner, name).await?;
    println!(
        "\u{201c}{}\u{201d} was made, with {} texts and {} other files; {owner} owns it",
        made.project.name, made.texts, made.files
    );
    for note in made.notes {
        println!("{note}");
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportedAccount {
    email: String,
    name: String,
    password: String,
}

pub(crate) async fn import_users(config: &Config, file: &Path) -> Result<()> {
    let directory = open(config)?;
    let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut accounts = Vec::new();
    for (nth, line) in BufReader::new(opened).lines().enumerate() {
        let line = line.with_context(|| format!("cannot read {}", file.display()))?;
        if line.trim().is_empty() {
            continue;
        }
        let place = || format!("{}:{}", file.display(), nth + 1);
        let account: ImportedAccount = serde_json::from_str(&line).with_context(place)?;
        password::importable(&account.password).map_err(anyhow::Error::msg).with_context(place)?;
        accounts.push(account);
    }
    let act = Act::of_operator();
    // All, or none.
    let (made, known) = directory
        .change(move |conn| {
            let (mut made, mut known) = (0, 0);
            for account in accounts {
                let new = NewUser {
                    email: Some(account.email),
                    name: account.name,
                    password: Some(account.password),
                    is_admin: false,
                    is_verified: true,
                };
                match users::create(conn, &act, new) {
                    Ok(_) => made += 1,
                    Err(directory::DirectoryError::Conflict(_)) => known += 1,
                    Err(error) => return Err(error),
                }
            }
            Ok((made, known))
        })
        .await?;
    println!("{made} accounts were made; {known} addresses had one and were left as they are");
    Ok(())
}
