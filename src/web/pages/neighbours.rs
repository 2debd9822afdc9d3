//! The articles to read after an article.

use crate::{
    store::{Article, Conn, Cursor, StoreError},
    web::{
        app::{App, article_links},
        views::Neighbours,
    },
};

/// The number of related articles.
const RELATED: usize = 3;

/// Returns the articles before and after an article, and related ones: those with the same tags, then the newest.
pub(super) async fn neighbours_of(
    app: &App,
    conn: &mut Conn,
    article: &Article,
) -> Result<Neighbours, StoreError> {
    let here = Cursor {
        at: article.published_at,
        id: article.id,
    };
    // The newest ones may be the previous, the next and related ones too.
    let found = conn.neighbours_of(here, RELATED as i64 * 2 + 2).await?;
    let mut related = conn.related_articles(article.id, RELATED as i64).await?;
    let nearest: Vec<i64> = [&found.previous, &found.next]
        .into_iter()
        .flatten()
        .map(|link| link.id)
        .collect();
    for link in found.newest {
        let is_new = !nearest.contains(&link.id) && related.iter().all(|known| known.id != link.id);
        if related.len() < RELATED && is_new {
            related.push(link);
        }
    }
    let (has_previous, has_next) = (found.previous.is_some(), found.next.is_some());
    let rows = [found.previous, found.next].into_iter().flatten();
    let rows = rows.chain(related).collect();
    let mut links = article_links(&app.node, conn, rows).await?.into_iter();
    Ok(Neighbours {
        previous: if has_previous { links.next() } else { None },
        next: if has_next { links.next() } else { None },
        related: links.collect(),
    })
}
