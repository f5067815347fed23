//! The lines: stock clients of y-websocket on `/ws/{document}`, one message of the protocol in a frame.

use crate::{
    config::Door,
    room::{JoinError, Rooms, Said, Seat, Speaker},
};
use axum::{
    Extension,
    extract::{
        Path, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use quire_collab::{
    frames::KEEP_ALIVE,
    room::{CloseReason, Limits},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};

/// Stock clients give a line up on which no message comes for thirty seconds.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(14);
/// A line is given up on which nothing comes, not even the answer to a ping, …
const SILENCE: Duration = Duration::from_secs(60);
/// … or which does not take a frame.
const STUCK: Duration = Duration::from_secs(60);
/// How long the other end has to say good-bye.
const GOOD_BYE: Duration = Duration::from_secs(2);
/// For each line, where 128 KiB are the default.
const READ_BUFFER_BYTES: usize = 4 << 10;
/// A frame is flushed before the next is taken, so that this bounds one frame: a whole document.
const WRITE_BUFFER_BYTES: usize = 256 << 20;
/// A document's name, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// What lines need.
#[derive(Clone)]
pub struct Lines {
    /// The rooms.
    pub rooms: Rooms,
    /// Who may come in.
    pub door: Arc<Door>,
    /// Bounds of a frame.
    pub limits: Limits,
}

/// A line's place among those that the relay takes: free again when it is dropped.
pub type Place = Arc<OwnedSemaphorePermit>;

/// `GET /ws/{document}`
pub async fn connect(
    State(lines): State<Lines>,
    Path(document): Path<String>,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let access = match lines.door.admit(&headers) {
        Ok(access) => access,
        Err(refused) => {
            tracing::warn!(%refused, "a line was refused");
            let status = match refused {
                crate::config::Refused::Origin => StatusCode::FORBIDDEN,
                crate::config::Refused::Secret => StatusCode::UNAUTHORIZED,
            };
            return (status, refused.to_string()).into_response();
        }
    };
    if document.is_empty()
        || document.len() > MAX_NAME_BYTES
        || document.chars().any(char::is_control)
    {
        let reason = "a document's name has 1 to 256 bytes and no control characters";
        return (StatusCode::BAD_REQUEST, reason).into_response();
    }
    let seat = match lines.rooms.join(&document, access).await {
        Ok(seat) => seat,
        Err(error) => {
            let status = match error {
                JoinError::NotLoaded(_) => StatusCode::INTERNAL_SERVER_ERROR,
                JoinError::Full | JoinError::Restarting => StatusCode::SERVICE_UNAVAILABLE,
            };
            return (status, error.to_string()).into_response();
        }
    };
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(lines.limits.frame_bytes)
        .max_frame_size(lines.limits.frame_bytes)
        .on_upgrade(async move |socket| {
            run(socket, seat).await;
            drop(place);
        })
}

async fn run(socket: WebSocket, mut seat: Seat) {
    let (mut sink, mut stream) = socket.split();
    let (speaker, said) = seat.parts();
    let reason = tokio::select! {
        () = read(&mut stream, speaker) => None,
        reason = write(&mut sink, speaker, said) => reason,
    };
    let Some(reason) = reason else { return };
    let close = CloseFrame { code: code_of(reason), reason: reason.to_string().into() };
    let good_bye = async {
        // The line may be gone by now, which is as good.
        let _ = sink.send(Message::Close(Some(close))).await;
        while let Some(Ok(_)) = stream.next().await {}
    };
    // Who does not answer is left.
    let _ = timeout(GOOD_BYE, good_bye).await;
}

/// Until the line is cut, or the room is gone.
async fn read(stream: &mut SplitStream<WebSocket>, speaker: &Speaker) {
    while let Ok(Some(Ok(message))) = timeout(SILENCE, stream.next()).await {
        match message {
            Message::Binary(frame) => {
                if !speaker.receive(frame).await {
                    // The room says why.
                    return std::future::pending().await;
                }
            }
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Text(_) | Message::Close(_) => return,
        }
    }
}

/// Until the line is cut, or the room says that it is over.
async fn write(
    sink: &mut SplitSink<WebSocket, Message>,
    speaker: &Speaker,
    said: &mut mpsc::UnboundedReceiver<Said>,
) -> Option<CloseReason> {
    let mut keep_alive = interval_at(Instant::now() + KEEP_ALIVE_EVERY, KEEP_ALIVE_EVERY);
    keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let (messages, bytes) = tokio::select! {
            said = said.recv() => match said {
                None => return Some(CloseReason::NotSaved),
                Some(Said::Closed(reason)) => return Some(reason),
                Some(Said::Frame(frame)) => {
                    let bytes = frame.len();
                    ([Some(Message::Binary(frame)), None], bytes)
                }
            },
            _ = keep_alive.tick() => {
                let ping = Message::Ping(bytes::Bytes::new());
                ([Some(Message::Binary(KEEP_ALIVE)), Some(ping)], 0)
            }
        };
        for message in messages.into_iter().flatten() {
            if !matches!(timeout(STUCK, sink.send(message)).await, Ok(Ok(()))) {
                return None;
            }
        }
        if bytes > 0 {
            speaker.written(bytes);
        }
    }
}

/// Codes of RFC 6455 and IANA's registry.
fn code_of(reason: CloseReason) -> u16 {
    match reason {
        CloseReason::NotAMessage => 1002,
        CloseReason::TooSlow => 1008,
        CloseReason::TooLong => 1009,
        CloseReason::Restarting => 1012,
        CloseReason::NotSaved => 1013,
    }
}
