//! The `replies` collections of local articles and notes. Documents embed the first page, for servers that look for
//! replies nowhere else (GoToSocial).

use crate::{
    node::urls::Urls,
    protocol::{Collection, CollectionPage, FirstPage},
    store::{Conn, StoreError},
};
use serde_json::json;

/// The number of items on a page.
pub const PAGE: i64 = 50;

/// Returns the replies to an article: its whole conversation, oldest first.
pub async fn of_article(
    conn: &mut Conn,
    urls: &Urls,
    uid: &str,
    article_id: i64,
) -> Result<Collection, StoreError> {
    let total = conn.count_comments(article_id).await?;
    let rows = conn
        .comment_uris_of_article(article_id, 0, PAGE + 1)
        .await?;
    Ok(embedded(
        format!("{}/replies", urls.article(uid)),
        total,
        rows,
    ))
}

/// Returns the replies to a note, which is stored as a comment if it has any.
pub async fn of_note(conn: &mut Conn, note: &str) -> Result<Collection, StoreError> {
    let (total, rows) = match conn.comment_by_uri(note).await? {
        Some(comment) => (
            conn.count_replies(comment.id).await?,
            conn.reply_uris_of_comment(comment.id, 0, PAGE + 1).await?,
        ),
        None => (0, Vec::new()),
    };
    Ok(embedded(format!("{note}/replies"), total, rows))
}

/// Builds a collection with its first page, from up to one row more than a page holds.
fn embedded(id: String, total: i64, mut rows: Vec<(i64, String)>) -> Collection {
    let next = cut(&mut rows, |(number, _)| *number);
    let page = CollectionPage {
        id: format!("{id}?page=first"),
        kind: "OrderedCollectionPage",
        part_of: id.clone(),
        next: next.map(|number| format!("{id}?page={number}")),
        prev: None,
        ordered_items: rows.into_iter().map(|(_, uri)| json!(uri)).collect(),
    };
    Collection {
        id,
        kind: "OrderedCollection",
        attributed_to: None,
        total_items: total,
        first: Some(FirstPage::Embedded(page)),
    }
}

/// Truncates rows to a page, given one row more than a page. Returns the number of the last row on the page if there is a
/// next page.
pub fn cut<T>(rows: &mut Vec<T>, number: impl Fn(&T) -> i64) -> Option<i64> {
    let is_more = rows.len() as i64 > PAGE;
    rows.truncate(PAGE as usize);
    rows.last().map(number).filter(|_| is_more)
}
