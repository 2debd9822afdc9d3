//! Authors of articles and notes, as pages show them.

use crate::{
    store::Article,
    web::{
        app::{App, own_link},
        views::{Author, Avatar},
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
