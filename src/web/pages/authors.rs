//! Authors of articles and notes, as pages show them.

use crate::{
    content::{Html, markdown},
    federation::objects::pictures::MediaRows,
    store::{self, Article, Conn, Media, StoreError},
    web::{
        app::{App, media_name, own_link, thumbnail},
        texts::{self, TextPlace},
        views::{Author, Avatar, Image, Link, NamedLink},
    },
};

/// Returns the author of an article, as its byline names them.
pub(super) fn author_of(app: &App, article: &Article) -> Author {
    let name = article.byline().unwrap_or(&app.site.name).to_owned();
    let url = article
        .author_username
        .as_deref()
        .map(|username| own_link(&format!("/authors/{username}")));
    Author {
        avatar: Avatar::initials(&name, &name),
        name,
        handle: None,
        url,
    }
}

/// Returns the publication as an author.
pub(super) fn author_of_site(app: &App) -> Author {
    Author {
        avatar: Avatar::initials(&app.site.name, &app.site.handle),
        name: app.site.name.clone(),
        handle: Some(app.site.handle.clone()),
        url: Some(app.site.home.clone()),
    }
}

/// Reads the files of authors' pictures.
pub(super) async fn pictures_of<'a>(
    app: &App,
    conn: &mut Conn,
    authors: impl Iterator<Item = &'a store::Author>,
) -> Result<Vec<Media>, StoreError> {
    let urls = app.node.urls();
    let names: Vec<String> = authors
        .filter_map(|author| media_name(author.picture_url.as_deref()?, urls))
        .collect();
    conn.media_by_names(&names).await
}

/// Returns the picture of an author in a small size, if it is on this site.
pub(super) fn picture_of(app: &App, author: &store::Author, files: &[Media]) -> Option<Image> {
    let name = media_name(author.picture_url.as_deref()?, app.node.urls())?;
    thumbnail(files, &name, author.picture_alt.clone())
}

/// Returns the biography of an author as their page shows it, if they have one.
pub(super) async fn bio_of(
    app: &App,
    conn: &mut Conn,
    author: &store::Author,
) -> Result<Option<Html>, StoreError> {
    if author.bio.is_empty() {
        return Ok(None);
    }
    let urls = app.node.urls();
    let files = MediaRows::of(conn, &[Some(&author.bio)]).await?;
    let language = &app.site.language;
    let place = TextPlace {
        language,
        locale: texts::locale_of(app, language),
        top_heading: 2,
        is_main: true,
        follows_picture: true,
    };
    let rendered = markdown::render(&author.bio, urls.base());
    Ok(Some(texts::decorated(
        &rendered,
        &texts::files_of(&files, urls),
        place,
    )))
}

/// Returns the links of an author's profile.
pub(super) fn links_of(author: &store::Author) -> Vec<NamedLink> {
    let links = author.links().into_iter().filter_map(|link| {
        Some(NamedLink {
            url: Link::parse(&link.url).filter(|url| !url.as_str().starts_with(['/', '?', '#']))?,
            label: link.label,
        })
    });
    links.collect()
}
