//! The lead pictures of articles, with the sizes of their files.

use super::model::Picture;
use crate::{media, store::Article, web::app::App};
use std::path::Path;

/// Returns the lead picture of each article.
pub(super) async fn of_articles(app: &App, articles: &[Article]) -> Vec<Option<Picture>> {
    let pictures: Vec<Option<Picture>> = articles
        .iter()
        .map(|article| unmeasured(app, article))
        .collect();
    let (folder, data) = (app.node.urls().at("/media/"), app.node.config.data.clone());
    let known = pictures.clone();
    let measured = tokio::task::spawn_blocking(move || {
        let all = pictures.into_iter();
        all.map(|picture| picture.map(|picture| measured(picture, &folder, &data)))
            .collect()
    });
    measured.await.unwrap_or(known)
}

fn unmeasured(app: &App, article: &Article) -> Option<Picture> {
    let permalink = app.node.urls().permalink(article);
    let base = url::Url::parse(&permalink).ok()?;
    let url = base.join(article.image_url.as_deref()?).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let media_type = mime_guess::from_path(url.path()).first_or_octet_stream();
    Some(Picture {
        url: url.into(),
        alt: article.image_alt.clone().unwrap_or_default(),
        media_type: media_type.to_string(),
        length: None,
        size: None,
    })
}

/// Adds the size of a local picture.
fn measured(picture: Picture, folder: &str, data: &Path) -> Picture {
    let Some(name) = picture.url.strip_prefix(folder) else {
        return picture;
    };
    let file = media::file_path(name, data).and_then(|path| path.metadata().ok());
    Picture {
        length: file.map(|file| file.len()),
        size: media::dimensions(name, data),
        ..picture
    }
}
