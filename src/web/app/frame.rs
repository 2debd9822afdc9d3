//! The parts of every page that come from the database: the entries of menus, and links to the newest articles.

use super::own_link;
use crate::{
    base::time,
    node::{
        Node,
        urls::{Urls, permalink_path},
    },
    store::{self, Conn, Cursor, Media, MediaKind, StoreError},
    web::views::{ArticleLink, Frame, Image, Link, NamedLink},
};
use minijinja::{Value, value::Serde};
use std::{
    sync::RwLock,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// The age up to which the parts are shown without a refresh.
const FRESH: Duration = Duration::from_millis(500);
/// The number of articles that a reader who found nothing is shown.
const NEWEST: i64 = 5;
/// The width that a thumbnail needs, in pixels.
const THUMBNAIL: u32 = 320;

/// The current frame, as templates read it.
#[derive(Default)]
pub(crate) struct FrameCache {
    current: RwLock<Value>,
    /// The time of the last refresh. Held by the request that refreshes.
    refreshed: Mutex<Option<Instant>>,
}

impl FrameCache {
    /// Returns the frame.
    pub(crate) fn value(&self) -> Value {
        let current = self.current.read();
        match current {
            Ok(value) if !value.is_undefined() => value.clone(),
            _ => Value::from(Serde(Frame::default())),
        }
    }

    /// Reads the frame again if it is old. Only the first requests wait while another one reads it.
    pub(super) async fn refresh(&self, node: &Node, is_closed: bool) {
        let mut refreshed = match self.refreshed.try_lock() {
            Ok(guard) => guard,
            Err(_) if self.is_known() => return,
            Err(_) => self.refreshed.lock().await,
        };
        if refreshed.is_some_and(|at| at.elapsed() < FRESH) {
            return;
        }
        match read(node, is_closed).await {
            Ok(frame) => {
                if let Ok(mut current) = self.current.write() {
                    *current = Value::from(Serde(frame));
                }
            }
            // Pages keep the former menus, and the handler reports the failure of the database.
            Err(error) => tracing::debug!(%error, "the menus could not be read"),
        }
        *refreshed = Some(Instant::now());
    }

    fn is_known(&self) -> bool {
        self.current.read().is_ok_and(|value| !value.is_undefined())
    }
}

async fn read(node: &Node, is_closed: bool) -> Result<Frame, StoreError> {
    if is_closed {
        // Nothing is left that a menu could lead to.
        return Ok(Frame::default());
    }
    let mut conn = node.store.read().await?;
    let mut frame = Frame {
        has_authors: conn.has_authors().await?,
        has_moved: node
            .local_actors
            .find(&mut conn, node.site_id())
            .await
            .is_ok_and(|site| site.row.moved_to.is_some()),
        has_notes: !conn.listed_notes(Cursor::START, 1).await?.is_empty(),
        ..Frame::default()
    };
    for entry in conn.menu_entries().await? {
        frame.has_privacy |= entry.slug == "privacy";
        let link = NamedLink {
            label: entry.title,
            url: own_link(&format!("/{}", entry.slug)),
        };
        match entry.menu.as_str() {
            "header" => frame.header.push(link),
            _ => frame.footer.push(link),
        }
    }
    let newest = conn.article_links(i64::MIN, Cursor::START, NEWEST).await?;
    frame.newest = article_links(node, &mut conn, newest).await?;
    Ok(frame)
}

/// Builds links to articles, with thumbnails of pictures that are here and not behind a warning.
pub(crate) async fn article_links(
    node: &Node,
    conn: &mut Conn,
    rows: Vec<store::ArticleLink>,
) -> Result<Vec<ArticleLink>, StoreError> {
    let names: Vec<String> = rows
        .iter()
        .filter_map(|row| media_name(row.image_url.as_deref()?, node.urls()))
        .collect();
    let files = conn.media_by_names(&names).await?;
    let language = &node.config.site.language;
    let link = |row: store::ArticleLink| ArticleLink {
        url: own_link(&permalink_path(row.published_at, &row.slug)),
        published: time::from_millis(row.published_at).into(),
        language: row.language.unwrap_or_else(|| language.clone()),
        picture: row
            .image_url
            .filter(|_| row.content_warning.is_none() && !row.sensitive)
            .and_then(|url| thumbnail(&files, &media_name(&url, node.urls())?, row.image_alt)),
        title: row.title,
    };
    Ok(rows.into_iter().map(link).collect())
}

/// Returns the name of a picture of this site by its address.
pub(crate) fn media_name(address: &str, urls: &Urls) -> Option<String> {
    let own = urls.at("/media/");
    let path = address.strip_prefix(&own);
    path.or_else(|| address.strip_prefix("/media/"))
        .map(str::to_owned)
}

/// Returns the smallest variant of a picture that is wide enough for a thumbnail.
pub(crate) fn thumbnail(files: &[Media], name: &str, alt: Option<String>) -> Option<Image> {
    let file = files.iter().find(|file| {
        file.name == name && matches!(file.kind, MediaKind::Picture | MediaKind::Animation)
    })?;
    let variants = file.variants.0.iter();
    let small = variants
        .filter(|variant| variant.width >= THUMBNAIL)
        .min_by_key(|variant| (variant.width, variant.bytes));
    let (name, size) = match small {
        Some(variant) => (&variant.name, Some((variant.width, variant.height))),
        None => (&file.name, file.size()),
    };
    Some(Image {
        url: Link::parse(&format!("/media/{name}"))?,
        alt: alt.unwrap_or_default(),
        size,
    })
}
