//! The site's icons, made once for all requests.

use crate::{
    config::Picture,
    media::{
        self,
        drawing::icons::{Icons, Source},
    },
    node::Node,
};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// The icon of a site without one of its own.
const DEFAULT: &str = include_str!("../../../static/favicon.svg");

/// Makes the icons at the first request, on a blocking thread. Later changes of the configuration need a restart.
#[derive(Default)]
pub(crate) struct SiteIcons(OnceCell<Arc<Icons>>);

impl SiteIcons {
    /// Returns the icons.
    ///
    /// # Errors
    /// If the storage of the icon fails, or not even the default icon can be drawn.
    pub(crate) async fn get(&self, node: &Node) -> anyhow::Result<Arc<Icons>> {
        let made = self.0.get_or_try_init(|| async {
            let source = icon_of(node).await?;
            tokio::task::spawn_blocking(move || make(source.as_deref()).map(Arc::new)).await?
        });
        made.await.cloned()
    }
}

/// Returns the file of the configured icon, if it is on this site.
async fn icon_of(node: &Node) -> anyhow::Result<Option<Vec<u8>>> {
    let path = match &node.config.site.icon {
        None => None,
        Some(Picture::File(path)) => Some(path.clone()),
        Some(Picture::Url(url)) => {
            let folder = node.urls().at("/media/");
            let Some(name) = url.as_str().strip_prefix(&folder) else {
                return Ok(None);
            };
            if let Some(content) = node.media.content(name).await? {
                return Ok(Some(content));
            }
            // An older version stored it without a row.
            media::file_path(name, &node.config.data)
        }
    };
    Ok(match path {
        Some(path) => tokio::fs::read(path).await.ok(),
        None => None,
    })
}

fn make(source: Option<&[u8]>) -> anyhow::Result<Icons> {
    if let Some(bytes) = source {
        match Icons::make(&Source::Raster(bytes)) {
            Ok(icons) => return Ok(icons),
            Err(error) => tracing::warn!(%error, "no icons can be made of the site's icon"),
        }
    }
    Ok(Icons::make(&Source::Svg(DEFAULT))?)
}
