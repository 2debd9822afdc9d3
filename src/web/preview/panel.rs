//! The page that shows the draft's page in a frame, and the posts beside it.

use super::{Draft, card::Card, forms};
use crate::{
    store::{Article, Conn},
    web::{app::App, pages::article, response::WebError, templates::Page},
};
use serde::Serialize;

/// The page of the preview.
#[derive(Debug, Serialize)]
pub(super) struct PreviewPage {
    title: String,
    version: u64,
    problem: Option<String>,
    warnings: Vec<String>,
    posts: Vec<forms::Post>,
}

impl Page for PreviewPage {
    const TEMPLATE: &'static str = "preview.html";
}

impl PreviewPage {
    /// Collects what Mastodon makes of the draft.
    pub(super) async fn of(app: &App, conn: &mut Conn, draft: &Draft) -> Result<Self, WebError> {
        let article = stored(conn, draft).await?;
        let (title, posts) = match &article {
            Some(article) => {
                let page = app.render(&article::preview(app, conn, article).await?)?;
                let card = Card::of(&page, &app.node.config.authority());
                let posts = forms::posts(app, conn, article, &card).await?;
                (article.title.clone(), posts)
            }
            None => ("Preview".to_owned(), Vec::new()),
        };
        Ok(PreviewPage {
            title,
            version: draft.version,
            problem: draft.problem.clone(),
            warnings: draft.warnings.clone(),
            posts,
        })
    }
}

/// Returns the article of a draft.
pub(super) async fn stored(conn: &mut Conn, draft: &Draft) -> Result<Option<Article>, WebError> {
    match draft.article_id {
        Some(id) => Ok(conn.article_by_id(id).await?),
        None => Ok(None),
    }
}
