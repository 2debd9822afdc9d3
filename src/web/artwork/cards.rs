//! Cards for link previews, drawn when first requested and kept in a folder of bounded size.
//!
//! Only cards of articles that readers can see are drawn, one at a time, and at most as many in a minute as the limit
//! `cards` allows. So nobody can make the node draw without end, even by requesting cards that were removed to save room.

use super::SiteIcons;
use crate::{
    config::Picture,
    media::{copies, drawing::card::Card},
    node::Node,
    quota::Limit,
    store::Article,
};
use bytes::Bytes;
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

/// The maximum size of the folder, in bytes.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// The number of bytes written between two checks of the folder's size.
const BYTES_BETWEEN_TIDYING: u64 = 4 * 1024 * 1024;
/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// The reason why there is no card.
#[derive(Debug)]
pub(crate) enum NoCard {
    /// A new request after this time may succeed.
    Later(Duration),
    Failed(anyhow::Error),
}

/// Draws and keeps cards.
pub(crate) struct Cards {
    turn: Arc<Semaphore>,
    /// The number of bytes written since the folder was last tidied.
    written: AtomicU64,
}

impl Default for Cards {
    fn default() -> Self {
        Cards {
            turn: Arc::new(Semaphore::new(1)),
            // The first card of a process tidies the folder.
            written: AtomicU64::new(BYTES_BETWEEN_TIDYING),
        }
    }
}

impl Cards {
    /// Returns the picture of a card, and draws it if it is not kept.
    ///
    /// # Errors
    /// See [`NoCard`].
    pub(crate) async fn picture(
        &self,
        node: &Node,
        icons: &SiteIcons,
        card: Card,
    ) -> Result<Bytes, NoCard> {
        let folder = folder(&node.config.data);
        let path = folder.join(card.name());
        if let Ok(kept) = tokio::fs::read(&path).await {
            return Ok(kept.into());
        }
        let turn = tokio::time::timeout(PATIENCE, self.turn.clone().acquire_owned());
        let Ok(Ok(turn)) = turn.await else {
            return Err(NoCard::Later(PATIENCE));
        };
        if let Ok(kept) = tokio::fs::read(&path).await {
            return Ok(kept.into());
        }
        let charged = node.quota.charge_account(Limit::Cards, "cards", 1);
        charged.map_err(|exceeded| NoCard::Later(exceeded.retry_after))?;
        let logo = icons.get(node).await.map_err(NoCard::Failed)?;
        let drawing = tokio::task::spawn_blocking(move || {
            // The permit is returned after the work, even if the client is gone.
            let _turn = turn;
            let picture = card.draw(&logo.small)?;
            copies::store(&path, &picture)?;
            anyhow::Ok(picture)
        });
        let drawn = drawing.await.map_err(anyhow::Error::from);
        let picture = drawn.and_then(|drawn| drawn).map_err(NoCard::Failed)?;
        self.tidy(folder, picture.len() as u64).await;
        Ok(picture.into())
    }

    /// Removes the oldest cards if the folder has grown too large.
    async fn tidy(&self, folder: PathBuf, written: u64) {
        let total = self.written.fetch_add(written, Ordering::Relaxed) + written;
        if total < BYTES_BETWEEN_TIDYING {
            return;
        }
        self.written.store(0, Ordering::Relaxed);
        let tidying = move || copies::evict_oldest_of(&folder, MOST_BYTES);
        if let Ok(Err(error)) = tokio::task::spawn_blocking(tidying).await {
            tracing::warn!(%error, "old card pictures can't be removed");
        }
    }
}

/// Returns the folder of the cards in the data folder.
fn folder(data: &Path) -> PathBuf {
    data.join("cards")
}

/// Returns the card of an article. It shows nothing that a content warning hides.
pub(crate) fn card_of_article(node: &Node, article: &Article) -> Card {
    Card {
        title: article.title.clone(),
        byline: article.byline().unwrap_or_default().to_owned(),
        ..card_of_site(node)
    }
}

/// Returns the card of the publication.
pub(crate) fn card_of_site(node: &Node) -> Card {
    let site = &node.config.site;
    Card {
        title: site.name.clone(),
        byline: String::new(),
        site: site.name.clone(),
        logo: match &site.icon {
            Some(Picture::Url(url)) => url.to_string(),
            Some(Picture::File(path)) => path.display().to_string(),
            None => String::new(),
        },
    }
}
