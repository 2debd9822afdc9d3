//! `pamphlet post preview`: shows a draft in the browser. A file is stored in a node of its own in a temporary folder, so
//! that the publication's database and pictures stay as they are.

use super::inputs::is_slug_of_no_file;
use crate::{
    cli::{
        common::{Options, lookup, options::open_or_create_store, output},
        import_site_pictures,
    },
    config::{Config, MediaStore},
    node::Node,
    publishing::{Announcement, Leniency, Source, advice, articles},
    store::{ArticleStatus, AuthorFields, Store},
    web::{
        self, App,
        preview::{self, Draft},
    },
};
use anyhow::{Result, bail};
use clap::Args;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use tokio_util::sync::CancellationToken;

/// The port if no address is given and it is free.
const PORT: u16 = 8081;
/// The pause between two looks at a file.
const FILE_PAUSE: Duration = Duration::from_millis(250);
/// The pause between two looks at the database.
const DATABASE_PAUSE: Duration = Duration::from_secs(1);
/// The maximum depth of folders in a theme.
const MAX_DEPTH: usize = 4;

/// The draft to show.
#[derive(Debug, Args)]
pub(crate) struct Preview {
    /// A Markdown file with front matter, or the slug of a stored article.
    #[arg(value_name = "FILE")]
    source: String,
}

impl Preview {
    pub(super) async fn run(&self, options: &Options) -> Result<()> {
        let mut config = options.load()?;
        web::check_look(&config.site)?;
        let listener = listen(options.listen.as_deref()).await?;
        let stop = stop_signal()?;
        if is_slug_of_no_file(&self.source) {
            return options
                .with_node(async |node| stored(node, &self.source, listener, stop).await)
                .await;
        }
        let folder = tempfile::tempdir()?;
        let real = config.clone();
        config.data = folder.path().join("data");
        config.database_url = format!(
            "sqlite://{}",
            folder.path().join("preview.sqlite").display()
        );
        config.database_direct_url = None;
        config.mail.server = None;
        config.notices.webhook = None;
        config.media.store = MediaStore::Folder;
        let store = open_or_create_store(&config).await?;
        import_site_pictures(&mut config, &store).await?;
        let node = Node::open(config, store).await?;
        copy_authors(&real, &node).await?;
        let shown = file(&node, Path::new(&self.source), &real, listener, stop).await;
        node.store.close().await;
        shown
    }
}

/// Shows an article of the database.
async fn stored(
    node: &Node,
    slug: &str,
    listener: TcpListener,
    stop: CancellationToken,
) -> Result<()> {
    let mut conn = node.store.read().await?;
    let mut article = lookup::article(&mut conn, slug).await?;
    let first = Draft {
        article_id: Some(article.id),
        version: 1,
        warnings: advice::of_article(node, &mut conn, &article).await?,
        problem: None,
    };
    drop(conn);
    let (sender, receiver) = watch::channel(first);
    let watching = async {
        loop {
            tokio::time::sleep(DATABASE_PAUSE).await;
            let mut conn = node.store.read().await?;
            let Some(current) = conn.article_by_id(article.id).await? else {
                bail!("the article was deleted");
            };
            if format!("{current:?}") != format!("{article:?}") {
                let warnings = advice::of_article(node, &mut conn, &current).await?;
                sender.send_modify(|draft| {
                    draft.version += 1;
                    draft.warnings = warnings;
                });
                article = current;
            }
        }
    };
    let app = App::with_look(node.clone(), true).await?;
    announce(slug, &listener)?;
    tokio::select! {
        served = preview::serve(listener, app, receiver, None, stop) => Ok(served?),
        failed = watching => failed,
    }
}

/// Shows a file. `real` is the configuration of the publication.
async fn file(
    node: &Node,
    path: &Path,
    real: &Config,
    listener: TcpListener,
    stop: CancellationToken,
) -> Result<()> {
    let mut draft = Draft::default();
    update(node, path, &mut draft).await?;
    if let (None, Some(problem)) = (draft.article_id, &draft.problem) {
        bail!("{problem}");
    }
    let (sender, receiver) = watch::channel(draft.clone());
    let watching = async {
        let mut seen = stamp(path, real);
        loop {
            tokio::time::sleep(FILE_PAUSE).await;
            let current = stamp(path, real);
            if current != seen {
                seen = current;
                update(node, path, &mut draft).await?;
                sender.send_replace(draft.clone());
            }
        }
    };
    let app = App::with_look(node.clone(), true).await?;
    announce(&path.display().to_string(), &listener)?;
    let pictures = Some(real.data.clone());
    tokio::select! {
        served = preview::serve(listener, app, receiver, pictures, stop) => Ok(served?),
        failed = watching => failed,
    }
}

/// Stores the current text of a file. A mistake in it is shown beside the last text that was right.
async fn update(node: &Node, path: &Path, draft: &mut Draft) -> Result<()> {
    draft.version += 1;
    match try_update(node, path, draft).await {
        Ok(warnings) => {
            draft.warnings = warnings;
            draft.problem = None;
        }
        Err(error) => draft.problem = Some(format!("{error:#}")),
    }
    Ok(())
}

/// Stores the current text of a file. Returns warnings to its author.
async fn try_update(node: &Node, path: &Path, draft: &mut Draft) -> Result<Vec<String>> {
    let source = Source::read(path)?;
    let mut conn = node.store.read().await?;
    let old = match draft.article_id {
        Some(id) => conn.article_by_id(id).await?,
        None => None,
    };
    drop(conn);
    let (leniency, announcement) = (Leniency::new(true), Announcement::Tell);
    let stored = match old {
        Some(old) => articles::replace(node, &old, source, leniency, announcement).await?,
        None => {
            let status = ArticleStatus::Published;
            articles::create(node, source, status, leniency, announcement).await?
        }
    };
    draft.article_id = Some(stored.article.id);
    let mut warnings = stored.warnings;
    let mut conn = node.store.read().await?;
    warnings.extend(advice::of_article(node, &mut conn, &stored.article).await?);
    Ok(warnings)
}

/// Copies the authors of the publication, if it has a database.
async fn copy_authors(real: &Config, node: &Node) -> Result<()> {
    let Ok(store) = Store::open_for_command(real.direct_database_url()).await else {
        return Ok(());
    };
    let authors = store.read().await?.authors().await?;
    store.close().await;
    let mut tx = node.store.begin().await?;
    for author in authors {
        let fields = AuthorFields {
            links: author.links(),
            name: author.name,
            bio: author.bio,
            federated: author.federated,
            picture_url: author.picture_url,
            picture_alt: author.picture_alt,
        };
        tx.add_author(&author.username, &fields).await?;
    }
    Ok(tx.commit().await?)
}

/// Returns the times of the last changes of a file, of the folder with its pictures, and of the theme.
fn stamp(path: &Path, config: &Config) -> Vec<(PathBuf, Option<SystemTime>)> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut stamps = Vec::new();
    for path in [path, folder] {
        let changed = path.metadata().and_then(|file| file.modified()).ok();
        stamps.push((path.to_owned(), changed));
    }
    if let Some(theme) = &config.site.theme {
        collect(theme, 0, &mut stamps);
    }
    stamps
}

fn collect(folder: &Path, depth: usize, stamps: &mut Vec<(PathBuf, Option<SystemTime>)>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() && depth < MAX_DEPTH {
            collect(&path, depth + 1, stamps);
        } else {
            let changed = path.metadata().and_then(|file| file.modified()).ok();
            stamps.push((path, changed));
        }
    }
}

async fn listen(address: Option<&str>) -> Result<TcpListener> {
    let given = match address {
        Some(text) => Some(text.parse::<SocketAddr>()?),
        None => None,
    };
    let bound = match given {
        Some(address) => web::bind(address).await,
        None => match web::bind(([127, 0, 0, 1], PORT).into()).await {
            Ok(listener) => Ok(listener),
            Err(_) => web::bind(([127, 0, 0, 1], 0).into()).await,
        },
    };
    bound.map_err(anyhow::Error::msg)
}

fn announce(name: &str, listener: &TcpListener) -> Result<()> {
    let address = listener.local_addr()?;
    output::line(&format!(
        "{name} is shown at http://{address}/preview until you press Ctrl+C. The page reloads when you save."
    ))
}

/// Returns a token that is cancelled on SIGTERM and SIGINT.
fn stop_signal() -> Result<CancellationToken> {
    let stop = CancellationToken::new();
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    tokio::spawn({
        let stop = stop.clone();
        async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            stop.cancel();
        }
    });
    Ok(stop)
}
