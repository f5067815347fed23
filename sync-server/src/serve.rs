//! The process: it opens the archive, listens, and when it is told to end keeps what has come and sends everybody away.

use crate::{
    archive::Archive,
    config::{Config, Door},
    room::Rooms,
    ws::{self, Lines, Place},
};
use anyhow::{Context, Result};
use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderName, StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use quire_collab::room::Limits;
use std::{io::Write, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};

/// A request's head has to come in this time.
const HEAD: Duration = Duration::from_secs(10);
/// Rooms that have not ended by then are ended: what they have not acknowledged is not kept.
const DRAIN: Duration = Duration::from_secs(20);
/// Who asked is done: a line that stays would be waited for when the relay ends.
const CLOSE: [(HeaderName, &str); 1] = [(header::CONNECTION, "close")];

/// Serve until the process is told to end (SIGTERM, or Ctrl+C). The address is told on the standard output, in one line,
/// once lines are taken.
///
/// # Errors
/// When the configuration is wrong, or the folder or the address cannot be had.
pub async fn serve(config: Config) -> Result<()> {
    let door = Arc::new(Door::new(&config)?);
    let archive = Archive::open(&config.data, config.max_bytes)
        .with_context(|| format!("cannot open the documents in {}", config.data.display()))?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    let (drain, draining) = watch::channel(false);
    let limits = Limits::default();
    let (rooms, mut ended) =
        Rooms::new(Arc::new(archive), limits.clone(), config.max_per_document, draining);
    let router = Router::new()
        .route("/health", get(|| async { (CLOSE, "alive") }))
        .route("/ready", get(ready))
        .route("/ws/{*document}", get(ws::connect))
        .with_state(Lines { rooms, door, limits });
    let places = Arc::new(Semaphore::new(config.max_connections));
    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening on {address}").and_then(|()| stdout.flush())?;
    tracing::info!(%address, data = %config.data.display(), "serving");
    let told_to_end = told_to_end();
    tokio::pin!(told_to_end);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut told_to_end => break,
        };
        match (accepted, Arc::clone(&places).try_acquire_owned()) {
            (Ok((stream, _)), Ok(place)) => {
                tokio::spawn(connection(stream, router.clone(), place));
            }
            (Ok(_), Err(_)) => tracing::warn!("too many lines: one was refused"),
            (Err(error), _) => {
                // Out of file descriptors, as a rule: others have to go first.
                tracing::error!(%error, "a line could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    tracing::info!("ending: what has come is kept");
    drop((listener, router));
    drain.send_replace(true);
    // Nobody sends on this channel: it ends when rooms and seats have let go of it.
    if tokio::time::timeout(DRAIN, ended.recv()).await.is_err() {
        tracing::error!("some rooms did not end in time");
    }
    Ok(())
}

async fn connection(stream: TcpStream, router: Router, place: OwnedSemaphorePermit) {
    // A keystroke is not to wait for the next.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a line without nodelay");
    }
    let place: Place = Arc::new(place);
    let service = TowerToHyperService::new(router.layer(Extension(place)));
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(16 << 10);
    let served = server.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
    if let Err(error) = served {
        tracing::debug!(%error, "a line ended");
    }
}

async fn ready(State(lines): State<Lines>) -> impl IntoResponse {
    match tokio::task::spawn_blocking(move || lines.rooms.is_ready()).await {
        Ok(true) => (StatusCode::OK, CLOSE, "ready"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, CLOSE, "not ready"),
    }
}

#[cfg(unix)]
async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn told_to_end() {
    drop(tokio::signal::ctrl_c().await);
}
