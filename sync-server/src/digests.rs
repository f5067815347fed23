//! Letters that tell people what they have not seen: one for each and period at most, with what is unseen only.

use crate::{
    directory::{
        Timestamp,
        notifications::{self, Digest, Due, Kind, Notification},
    },
    http::Api,
    mail::Letter,
};
use std::fmt::Write;

/// Send those that are due. Where no letters can be sent none are written: what people said is not for the log.
pub(crate) async fn send(api: &Api) {
    if !api.letters.is_sending() {
        return;
    }
    let now = Timestamp::now();
    match api.directory.change(move |conn| notifications::take_due(conn, now)).await {
        Ok(letters) => {
            for due in letters {
                api.letters.post(letter(&api.config.public_url, due));
            }
        }
        Err(error) => tracing::error!(%error, "letters that tell what is new could not be written"),
    }
}

fn letter(url: &str, due: Due) -> Letter {
    let Due { email, name, digest, unseen } = due;
    let things = match unseen.len() {
        1 => "One thing".to_owned(),
        count => format!("{count} things"),
    };
    let mut body = format!("Hello {name},\n\nwhat you have not seen yet at {url}:\n");
    for one in &unseen {
        // To a text nothing can go wrong.
        let _ = write!(body, "\n- {}\n", told(one));
        if !one.excerpt.is_empty() {
            let _ = writeln!(body, "  {}", one.excerpt);
        }
    }
    let often = match digest {
        Digest::Hourly => "an hour",
        Digest::Daily | Digest::Off => "a day",
    };
    let _ = write!(
        body,
        "\nOpen Quire to read and answer.\n\nYou get at most one such letter {often}, and none while there is nothing new. To \
         get them more or less often, or not at all, choose so in Quire, under the bell.\n"
    );
    Letter { to: email, subject: format!("{things} for you in Quire"), body }
}

fn told(one: &Notification) -> String {
    let by = one.by_name.as_deref().unwrap_or("Somebody");
    let project = &one.project_name;
    match one.kind {
        Kind::Invitation => format!("{by} invites you into “{project}”"),
        Kind::Mention if one.thread.is_none() => {
            format!("{by} mentions you in the chat of “{project}”")
        }
        Kind::Mention => format!("{by} mentions you in a comment in “{project}”"),
        Kind::Reply => format!("{by} has replied to a comment in “{project}”"),
    }
}
