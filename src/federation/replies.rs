//! `replies` of our articles and notes: in their documents with the first page, for servers that look for
//! answers nowhere else (GoToSocial).

use super::urls::Urls;
use crate::{
    protocol::{Collection, CollectionPage, First},
    store::{Conn, StoreError},
};
use serde_json::json;

/// Items of a page.
pub const PAGE: i64 = 50;

/// The answers to an article: its whole conversation, oldest first.
pub async fn of_article(
    conn: &mut Conn,
    urls: &Urls,
    uid: &str,
    article_id: i64,
) -> Result<Collection, StoreError> {
    let total = conn.count_comments(article_id).await?;
    let rows = conn.reply_uris(article_id, 0, PAGE + 1).await?;
    Ok(embedded(
        format!("{}/replies", urls.article(uid)),
        total,
        rows,
    ))
}

/// The answers to a note, which stands among the comments if it has any.
pub async fn of_note(conn: &mut Conn, urls: &Urls, uid: &str) -> Result<Collection, StoreError> {
    let note = urls.note(uid);
    let (total, rows) = match conn.comment_by_uri(&note).await? {
        Some(comment) => (
            conn.count_answers(comment.id).await?,
            conn.answer_uris(comment.id, 0, PAGE + 1).await?,
        ),
        None => (0, Vec::new()),
    };
    Ok(embedded(format!("{note}/replies"), total, rows))
}

/// A collection with its first page, of rows that may be one more than a page has.
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
        first: Some(First::Page(page)),
    }
}

/// Cuts rows, of which one more than a page has was asked for, to a page; the number that the next page
/// begins from, if there is one.
pub fn cut<T>(rows: &mut Vec<T>, number: impl Fn(&T) -> i64) -> Option<i64> {
    let is_more = rows.len() as i64 > PAGE;
    rows.truncate(PAGE as usize);
    rows.last().map(number).filter(|_| is_more)
}
