//! The lead pictures of articles, with the sizes of their files.

use super::model::Picture;
use crate::{
    media,
    store::{Article, Conn, Media},
    web::{app::App, response::WebError},
};
use std::{collections::HashMap, path::Path};

/// Returns the lead picture of each article.
pub(super) async fn of_articles(
    app: &App,
    conn: &mut Conn,
    articles: &[Article],
) -> Result<Vec<Option<Picture>>, WebError> {
    let folder = app.node.urls().at("/media/");
    let pictures: Vec<Option<Picture>> = articles
        .iter()
        .map(|article| unmeasured(app, article))
        .collect();
    let names: Vec<String> = pictures
        .iter()
        .flatten()
        .filter_map(|picture| picture.url.strip_prefix(&folder).map(str::to_owned))
        .collect();
    let rows = conn.media_by_names(&names).await?;
    let rows: HashMap<&str, &Media> = rows.iter().map(|row| (row.name.as_str(), row)).collect();
    let known = |picture: Picture| {
        let name = picture.url.strip_prefix(&folder);
        match name.and_then(|name| rows.get(name)) {
            Some(row) => described(picture, row),
            None => picture,
        }
    };
    let pictures: Vec<Option<Picture>> = pictures
        .into_iter()
        .map(|picture| picture.map(known))
        .collect();
    let all = pictures.clone();
    let data = app.node.config.data.clone();
    let measured = tokio::task::spawn_blocking(move || {
        let all = all.into_iter();
        all.map(|picture| picture.map(|picture| measured(picture, &folder, &data)))
            .collect()
    });
    Ok(measured.await.unwrap_or(pictures))
}

/// Adds what the database knows about a picture.
fn described(picture: Picture, row: &Media) -> Picture {
    Picture {
        media_type: row.content_type.clone(),
        length: u64::try_from(row.bytes).ok(),
        size: row.size(),
        ..picture
    }
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

/// Adds the size of a local picture that an older version imported, without a row.
fn measured(picture: Picture, folder: &str, data: &Path) -> Picture {
    let name = picture.url.strip_prefix(folder);
    let Some(name) = name.filter(|_| picture.length.is_none()) else {
        return picture;
    };
    let file = media::file_path(name, data).and_then(|path| path.metadata().ok());
    Picture {
        length: file.map(|file| file.len()),
        size: media::dimensions(name, data),
        ..picture
    }
}
