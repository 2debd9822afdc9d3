//! Runs the parts of a node until it is stopped.

use crate::{
    background,
    config::permissions,
    federation::inbox::object_fetches,
    mail::MailService,
    node::{Node, events, publication::closing},
    web::{self, App, Tls},
};
use anyhow::{Result, bail};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Runs a whole node: the background loops and the web server.
///
/// # Errors
/// If the node can't be started.
pub async fn run_node(node: Node, listener: TcpListener, stop: CancellationToken) -> Result<()> {
    run_parts(node, Some(listener), true, stop).await
}

/// Runs the web server if there is a listener, and the background loops if `works`, until `stop`.
///
/// # Errors
/// If the node can't be started.
pub(super) async fn run_parts(
    node: Node,
    listener: Option<TcpListener>,
    works: bool,
    stop: CancellationToken,
) -> Result<()> {
    permissions::restrict(&node.config, true);
    let mail = MailService::new(&node.config)?;
    let mut tx = node.store.begin().await?;
    tx.save_all_spellings().await?;
    tx.commit().await?;
    let parts = TaskTracker::new();
    parts.spawn({
        let (node, stop) = (node.clone(), stop.clone());
        async move { node.quota.report(&node.store, stop).await }
    });
    parts.spawn(events::run(node.clone(), stop.clone()));
    parts.spawn(closing::run(node.clone(), stop.clone()));
    let watcher = {
        let store = node.store.clone();
        tokio::spawn(async move { store.watch().await })
    };
    if works {
        parts.spawn(background::run(node.clone(), stop.clone()));
        parts.spawn(mail.run(node.clone(), stop.clone()));
    }
    if let Some(listener) = listener {
        parts.spawn(object_fetches::run(node.clone(), stop.clone()));
        let app = App::new(node.clone()).await?;
        let tls = Tls::start(&node.config, &stop)?;
        if let Some(address) = node.config.tls.redirect_from {
            let listener = match web::bind(address).await {
                Ok(listener) => listener,
                Err(message) => bail!("tls.redirect_from: {message}"),
            };
            parts.spawn(web::redirect_to_https(listener, app.clone(), stop.clone()));
        }
        web::serve_over(listener, app, tls, stop.clone()).await;
        // The web server ends by itself only after a failure.
        stop.cancel();
    }
    parts.close();
    stop.cancelled().await;
    parts.wait().await;
    watcher.abort();
    node.store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Returns a token that is cancelled on SIGTERM and SIGINT.
pub(super) fn stop_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    stop
}

async fn stop_on_signal(stop: CancellationToken) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: completing requests and deliveries in progress");
    stop.cancel();
}
