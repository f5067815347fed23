//! The process: it opens the archive, listens, and when it is told to end keeps what has come and sends everybody away.

use crate::{
    archive::Archive,
    auth::{password::Passwords, tickets::Tickets, tokens::AccessTokens},
    blobs::Blobs,
    config::Config,
    digests,
    directory::{
        Act, Directory, Timestamp, files, logins, notifications, projects, uploads, users,
    },
    http::{self, Api, Parts, Throttles, extract::Peer},
    mail::Letterbox,
    metrics::{self, Metrics},
    room::{Rooms, Told},
    sso::Providers,
    talks::{Reader, Talks},
    tls::Tls,
    traces,
    ws::{
        self, Place,
        channel::{self, Channels},
        open::OpenLines,
        quota::Quotas,
    },
};
use anyhow::{Context, Result};
use axum::{
    Router,
    extract::State,
    http::{HeaderName, StatusCode, header},
    middleware,
    response::IntoResponse,
    routing::get,
};
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use quire_collab::room::Limits;
use std::{io::Write, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

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
pub async fn serve(mut config: Config) -> Result<()> {
    let max_bytes = Some(config.limits.database_bytes).filter(|bytes| *bytes > 0);
    let archive = Archive::open(&config.data, max_bytes)
        .with_context(|| format!("cannot open the documents in {}", config.data.display()))?;
    let directory = Directory::open(&config.data)
        .with_context(|| format!("cannot open the accounts in {}", config.data.display()))?;
    let tls = Tls::open(&config.tls)?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    if config.public_url == config.address(config.listen) {
        // The port may have been left open.
        config.public_url = config.address(address);
    }
    let (drain, draining) = watch::channel(false);
    let (api, mut ended, telling) = assemble(config, archive, directory, draining.clone()).await?;
    let mut router = Router::new()
        .merge(http::router(&api))
        .route("/health", get(|| async { (CLOSE, "alive") }))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics::for_administrators))
        .route("/ws/projects/{project}", get(channel::connect))
        .route("/ws/{*document}", get(ws::connect))
        .layer(middleware::from_fn_with_state(api.clone(), http::refusals_are_logged))
        .layer(middleware::from_fn_with_state(api.clone(), metrics::measured));
    if api.config.traces.is_set() {
        router = router.layer(middleware::from_fn_with_state(api.clone(), traces::of_request));
    }
    let router = router.with_state(api.clone());
    let measuring = tokio::spawn(metrics_listener(&api).await?);
    let chores = tokio::spawn(chores(api.clone()));
    let renewing = tokio::spawn({
        let tls = tls.clone();
        async move {
            if let Some(tls) = tls {
                tls.watch().await;
            }
        }
    });
    let config = &api.config;
    let places = Arc::clone(&api.places);
    // Whoever reads that it listens may tell it to end.
    let told_to_end = told_to_end();
    tokio::pin!(told_to_end);
    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening on {address}").and_then(|()| stdout.flush())?;
    tracing::info!(%address, data = %config.data.display(), "serving");
    greet(&api).await?;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut told_to_end => break,
        };
        match (accepted, Arc::clone(&places).try_acquire_owned()) {
            (Ok((stream, peer)), Ok(place)) => {
                let (router, draining) = (router.clone(), draining.clone());
                let acceptor = tls.as_deref().map(Tls::acceptor);
                tokio::spawn(connection(stream, peer, acceptor, router, place, draining));
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
    for task in telling.into_iter().chain([chores, measuring, renewing]) {
        task.abort();
        // That it was ended is no news.
        let _ = task.await;
    }
    drop((listener, router, api));
    drain.send_replace(true);
    // Nobody sends on this channel: it ends when rooms and seats have let go of it.
    if tokio::time::timeout(DRAIN, ended.recv()).await.is_err() {
        tracing::error!("some rooms did not end in time");
    }
    Ok(())
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    place: OwnedSemaphorePermit,
    draining: watch::Receiver<bool>,
) {
    // A keystroke is not to wait for the next.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a line without nodelay");
    }
    let Some(acceptor) = tls else {
        return requests(stream, peer, router, place, draining).await;
    };
    // Who connects and says nothing is not waited for.
    match tokio::time::timeout(HEAD, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => requests(stream, peer, router, place, draining).await,
        Ok(Err(error)) => tracing::debug!(%error, "no line by TLS"),
        Err(_) => tracing::debug!("no line by TLS in time"),
    }
}

async fn requests(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    router: Router,
    place: OwnedSemaphorePermit,
    mut draining: watch::Receiver<bool>,
) {
    let place: Place = Arc::new(place);
    // The router is shared: a copy of it for each line would be most of what an idle line takes.
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Arc::clone(&place));
        request.extensions_mut().insert(Peer(peer));
        router.call(request)
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(16 << 10);
    let served = server.serve_connection(TokioIo::new(stream), service).with_upgrades();
    tokio::pin!(served);
    let served = tokio::select! {
        served = &mut served => served,
        () = ending(&mut draining) => {
            // The request that is being served is the last.
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a line ended");
    }
}

async fn ending(draining: &mut watch::Receiver<bool>) {
    // An error is that nobody is left who could tell.
    let _ = draining.wait_for(|is_draining| *is_draining).await;
}

/// All parts, what resolves when the rooms have ended, and the tasks that count what is written, tell what is changed and
/// read what is said.
async fn assemble(
    config: Config,
    archive: Archive,
    directory: Directory,
    draining: watch::Receiver<bool>,
) -> Result<(Api, mpsc::Receiver<()>, [JoinHandle<()>; 3])> {
    let limits = Limits::default();
    let (written, to_count) = mpsc::unbounded_channel();
    let (archive, per_document) = (Arc::new(archive), config.limits.per_document);
    let (metrics, connections) = (Arc::new(Metrics::default()), config.limits.connections);
    let channels = Channels::new(per_document, draining.clone());
    let telling = tokio::spawn(channels.clone().tell(directory.news().await?));
    let directory = Arc::new(directory);
    let talks = Talks::default();
    let reader = Reader {
        archive: Arc::clone(&archive),
        directory: Arc::clone(&directory),
        channels: channels.clone(),
    };
    let reading = tokio::spawn(talks.clone().read(reader));
    let told = Told { written, talks: talks.clone(), metrics: Arc::clone(&metrics) };
    let (rooms, ended) = Rooms::new(archive, limits.clone(), per_document, draining, told);
    let (seconds, key_days) = (config.tokens.access_seconds, config.tokens.key_days);
    let tokens = AccessTokens::open(&directory, seconds, key_days).await?;
    let lines = OpenLines::new(Arc::clone(&directory));
    let quotas = Quotas::new(Arc::clone(&directory), rooms.clone(), lines.clone(), &config.limits);
    let passwords = tokio::task::spawn_blocking(Passwords::default).await?;
    let api = Api::new(Parts {
        letters: Letterbox::open(&config.mail)?,
        throttle: Throttles::new(&config),
        blobs: Blobs::open(&config.data)?,
        lines,
        channels,
        talks,
        quotas,
        tickets: Tickets::default(),
        providers: Providers::open(&config)?,
        config,
        directory,
        places: Arc::new(Semaphore::new(connections)),
        metrics,
        tokens,
        passwords,
        rooms,
        limits,
    });
    let counting = tokio::spawn(api.quotas.clone().watch(to_count));
    Ok((api, ended, [counting, telling, reading]))
}

/// What answers `/metrics` at an address of its own, if there is one.
async fn metrics_listener(api: &Api) -> Result<impl Future<Output = ()> + use<>> {
    let (address, api) = (api.config.metrics_listen.clone(), api.clone());
    let listener = if address.is_empty() {
        None
    } else {
        let listener = TcpListener::bind(&address).await;
        Some(listener.with_context(|| format!("cannot listen on {address}"))?)
    };
    Ok(async move {
        if let Some(listener) = listener
            && let Err(error) = axum::serve(listener, metrics::router(api)).await
        {
            tracing::error!(%error, "metrics are not answered any more");
        }
    })
}

/// What the operator should know.
async fn greet(api: &Api) -> Result<()> {
    if !api.directory.read(users::has_admin).await? {
        tracing::warn!(
            "nobody can manage this relay yet; make yourself an account with: quire-relay --data {} admin create \
             YOUR-ADDRESS",
            api.config.data.display()
        );
    }
    if !api.letters.is_sending() {
        tracing::warn!(
            "no mail server is configured: letters, with their secrets, are printed here"
        );
    }
    if !api.config.listen.ip().is_loopback() && api.config.public_url.starts_with("http:") {
        tracing::warn!(
            "passwords and tokens cross the network in clear: give tls.certificate, or put a proxy with TLS before this"
        );
    }
    Ok(())
}

/// What is done now and then: new keys, and what is old goes.
async fn chores(api: Api) {
    let mut minutes = tokio::time::interval(Duration::from_secs(60));
    let mut count: u32 = 0;
    loop {
        minutes.tick().await;
        let days = api.config.tokens.key_days;
        if let Err(error) = api.tokens.renew_keys(&api.directory, days).await {
            tracing::error!(%error, "the keys of access tokens could not be looked after");
        }
        api.quotas.count_again().await;
        digests::send(&api).await;
        if count.is_multiple_of(60) {
            sweep(&api).await;
        }
        count = count.wrapping_add(1);
    }
}

async fn sweep(api: &Api) {
    let now = Timestamp::now();
    let (act, deleted_before) = (Act::of_operator(), api.config.deleted_before(now));
    let ended_before = Timestamp(now.0 - 30 * 24 * 3600);
    let given_up_before = Timestamp(now.0 - 24 * 3600);
    let told_before = Timestamp(now.0 - i64::from(notifications::KEPT_SECONDS));
    let swept = api.directory.change(move |conn| {
        logins::sweep(conn, ended_before)?;
        notifications::forget_before(conn, told_before)?;
        uploads::give_up_before(conn, given_up_before)?;
        files::forget_unused_before(conn, deleted_before)?;
        projects::purge_deleted_before(conn, &act, deleted_before)
    });
    match swept.await {
        Ok(documents) => api.rooms.remove(documents).await,
        Err(error) => tracing::error!(%error, "what is old could not be removed"),
    }
    if let Err(error) = api.blobs.sweep(&api.directory).await {
        tracing::error!(%error, "what no file holds any more could not be removed");
    }
}

async fn ready(State(lines): State<Api>) -> impl IntoResponse {
    match tokio::task::spawn_blocking(move || lines.rooms.is_ready()).await {
        Ok(true) => (StatusCode::OK, CLOSE, "ready"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, CLOSE, "not ready"),
    }
}

/// Listens from the call on.
#[cfg(unix)]
fn told_to_end() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = signal(SignalKind::terminate());
    async move {
        match terminate {
            Ok(mut terminate) => tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            },
            Err(_) => drop(tokio::signal::ctrl_c().await),
        }
    }
}

#[cfg(not(unix))]
async fn told_to_end() {
    drop(tokio::signal::ctrl_c().await);
}
