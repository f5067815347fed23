//! Letters to people. They are sent by a thread of their own, so that nobody can tell from the time of an answer whether
//! one was sent. Where no mail server is configured they are printed to the log, with their secrets: the one exception to
//! the rule that no secret is ever in it.

use crate::{
    config::{Mail, MailTls},
    traces::{self, Cause},
};
use anyhow::{Context, Result};
use lettre::{
    Message, SmtpTransport, Transport,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    time::Duration,
};

/// Letters that may wait; more are lost, and that is told.
const QUEUE: usize = 1000;
/// A server that does not answer is given up after this time, …
const PATIENCE: Duration = Duration::from_secs(20);
/// … and asked again after these.
const AGAIN: [Duration; 3] =
    [Duration::from_secs(5), Duration::from_secs(60), Duration::from_secs(600)];

/// A letter.
#[derive(Clone, Debug)]
pub struct Letter {
    /// To which address.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// Where letters are put in.
#[derive(Clone, Debug)]
pub struct Letterbox {
    queue: SyncSender<(Letter, Cause)>,
    is_sending: bool,
}

impl Letterbox {
    /// As configured. The thread ends with the last letterbox.
    ///
    /// # Errors
    /// When the settings make no sense.
    pub fn open(settings: &Mail) -> Result<Self> {
        let (queue, letters) = sync_channel(QUEUE);
        let is_sending = settings.is_set();
        let post = if is_sending { Some(Post::new(settings)?) } else { None };
        std::thread::Builder::new()
            .name("mail".to_owned())
            .spawn(move || deliver(post.as_ref(), &letters))
            .context("the thread of the mail")?;
        Ok(Self { queue, is_sending })
    }

    /// True when letters leave, and are not printed.
    pub fn is_sending(&self) -> bool {
        self.is_sending
    }

    /// Put a letter in.
    pub fn post(&self, letter: Letter) {
        if self.queue.try_send((letter, Cause::now())).is_err() {
            tracing::error!("too many letters wait: one was lost");
        }
    }
}

struct Post {
    transport: SmtpTransport,
    from: Mailbox,
}

impl Post {
    fn new(settings: &Mail) -> Result<Self> {
        let host = &settings.host;
        let parameters = || TlsParameters::new(host.clone()).context("TLS for the mail server");
        let tls = match settings.tls {
            MailTls::StartTls => Tls::Required(parameters()?),
            MailTls::Tls => Tls::Wrapper(parameters()?),
            MailTls::None => Tls::None,
        };
        let mut transport = SmtpTransport::builder_dangerous(host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(PATIENCE));
        if !settings.user.is_empty() {
            let (user, password) = (settings.user.clone(), settings.password.clone());
            transport = transport.credentials(Credentials::new(user, password));
        }
        let from = settings.from.parse().context("mail.from")?;
        Ok(Self { transport: transport.build(), from })
    }

    fn send(&self, letter: &Letter) -> Result<()> {
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, letter.to.parse()?))
            .subject(&letter.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body.clone())?;
        self.transport.send(&message)?;
        Ok(())
    }
}

fn deliver(post: Option<&Post>, letters: &Receiver<(Letter, Cause)>) {
    while let Ok((letter, cause)) = letters.recv() {
        let Some(post) = post else {
            let Letter { to, subject, body } = letter;
            tracing::info!("no mail server is configured; a letter to {to}: {subject}\n{body}");
            continue;
        };
        let traced = traces::of_letter(cause);
        let mut waits = AGAIN.iter();
        let is_sent = loop {
            traced.attempts(AGAIN.len() - waits.len() + 1);
            let Err(error) = post.send(&letter) else { break true };
            let Some(wait) = waits.next() else {
                tracing::error!(to = letter.to, error = %error, "a letter was not sent");
                break false;
            };
            tracing::warn!(to = letter.to, %error, "a letter could not be sent yet");
            std::thread::sleep(*wait);
        };
        traced.ends(is_sent);
    }
}
