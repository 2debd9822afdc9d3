//! New comments, stored one or many at a time.

use super::comment::CommentState;
use crate::store::database::{Result, Tx, fetch_all, now, to_json};
use serde::Serialize;
use std::collections::HashMap;

/// A comment to be stored.
#[derive(Debug, Clone)]
pub struct NewComment {
    pub article_id: i64,
    pub parent_id: Option<i64>,
    pub uri: String,
    pub url: Option<String>,
    pub actor_id: Option<i64>,
    pub author_name: String,
    pub author_handle: String,
    pub author_url: Option<String>,
    pub content: String,
    pub content_warning: Option<String>,
    pub language: Option<String>,
    pub state: CommentState,
    pub reason: Option<String>,
    pub published_at: i64,
    /// The time of the last change according to its author's server.
    pub updated_at: Option<i64>,
    /// The `replies` collection on its own server, and the time at which it is first fetched.
    pub replies: Option<(String, i64)>,
    /// The activity through which it arrived.
    pub caused_by: Option<String>,
    pub guest: Option<GuestPart>,
    /// JSON: see [`crate::content::Extras`].
    pub extras: Option<String>,
    pub score: Option<i64>,
    pub score_reasons: Option<String>,
    pub text_hash: Option<String>,
    /// Whether to notify the admin of it.
    pub notify_pending: bool,
    /// See [`super::Comment::signin_required`].
    pub signin_required: bool,
}

/// The part that only a guest's comment has.
#[derive(Debug, Clone)]
pub struct GuestPart {
    pub guest_id: i64,
    pub markdown: String,
    pub wants_answers: bool,
    pub address_hash: String,
}

/// A new comment as the statement reads it.
#[derive(Serialize)]
struct Row<'a> {
    article: i64,
    number: i64,
    parent: Option<i64>,
    uri: &'a str,
    url: Option<&'a str>,
    actor: Option<i64>,
    name: &'a str,
    handle: &'a str,
    link: Option<&'a str>,
    content: &'a str,
    warning: Option<&'a str>,
    language: Option<&'a str>,
    state: &'static str,
    reason: Option<&'a str>,
    published: i64,
    replies: Option<&'a str>,
    crawl: Option<i64>,
    guest: Option<i64>,
    markdown: Option<&'a str>,
    wants: bool,
    address: Option<&'a str>,
    extras: Option<&'a str>,
    score: Option<i64>,
    reasons: Option<&'a str>,
    hash: Option<&'a str>,
    untold: bool,
    signin: bool,
    updated: Option<i64>,
    cause: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn of(comment: &'a NewComment, number: i64) -> Self {
        let (replies, guest) = (comment.replies.as_ref(), comment.guest.as_ref());
        Row {
            article: comment.article_id,
            number,
            parent: comment.parent_id,
            uri: &comment.uri,
            url: comment.url.as_deref(),
            actor: comment.actor_id,
            name: &comment.author_name,
            handle: &comment.author_handle,
            link: comment.author_url.as_deref(),
            content: &comment.content,
            warning: comment.content_warning.as_deref(),
            language: comment.language.as_deref(),
            state: comment.state.as_str(),
            reason: comment.reason.as_deref(),
            published: comment.published_at,
            replies: replies.map(|(uri, _)| uri.as_str()),
            crawl: replies.map(|(_, time)| *time),
            guest: guest.map(|guest| guest.guest_id),
            markdown: guest.map(|guest| guest.markdown.as_str()),
            wants: guest.is_some_and(|guest| guest.wants_answers),
            address: guest.map(|guest| guest.address_hash.as_str()),
            extras: comment.extras.as_deref(),
            score: comment.score,
            reasons: comment.score_reasons.as_deref(),
            hash: comment.text_hash.as_deref(),
            untold: comment.notify_pending,
            signin: comment.signin_required,
            updated: comment.updated_at,
            cause: comment.caused_by.as_deref(),
        }
    }
}

impl Tx {
    /// Stores a comment under a number from [`crate::store::Store::next_comment_number`]. Returns `None` if a comment
    /// with its id is stored already.
    pub async fn add_comment(&mut self, comment: &NewComment, number: i64) -> Result<Option<i64>> {
        let stored = self.add_comments(&[(comment, number)]).await?;
        Ok(stored.get(&comment.uri).copied())
    }

    /// Stores comments under numbers from [`crate::store::Store::count_comments`]. Returns the rows of those that were not
    /// stored before, by their ids.
    pub async fn add_comments(
        &mut self,
        comments: &[(&NewComment, i64)],
    ) -> Result<HashMap<String, i64>> {
        let ids = comments
            .iter()
            .flat_map(|(comment, _)| [Some(comment.uri.as_str()), comment.url.as_deref()]);
        let ids: Vec<&str> = ids.flatten().collect();
        self.save_spellings(&ids).await?;
        let rows = comments
            .iter()
            .map(|&(comment, number)| Row::of(comment, number));
        let rows = to_json(&rows.collect::<Vec<_>>());
        let stored: Vec<(String, i64)> = fetch_all!(
            self,
            rows(
                "$1",
                [article bigint, number bigint, parent bigint, uri text, url text, actor bigint, name text, handle text,
                 link text, content text, warning text, language text, state text, reason text, published bigint,
                 replies text, crawl bigint, guest bigint, markdown text, wants boolean, address text, extras text,
                 score bigint, reasons text, hash text, untold boolean, signin boolean, updated bigint, cause text],
                "INSERT INTO comments (article_id, number, parent_id, uri, url, actor_id, author_name, author_handle,
                    author_url, content, content_warning, language, state, reason, published_at, received_at,
                    replies_uri, next_crawl_at, guest_id, markdown, wants_answers, address_hash, extras, score,
                    score_reasons, text_hash, untold, signin_required, updated_at, caused_by, guest_untold, hidden_from)
                 SELECT r.article, r.number, r.parent, r.uri, r.url, r.actor, r.name, r.handle, r.link, r.content,
                    r.warning, r.language, r.state, r.reason, r.published, $2, r.replies, r.crawl, r.guest, r.markdown,
                    r.wants, r.address, r.extras, r.score, r.reasons, r.hash, r.untold, r.signin, r.updated, r.cause,
                    COALESCE((SELECT p.wants_answers FROM comments p WHERE p.id = r.parent), FALSE),
                    CASE WHEN r.signin THEN 0 ELSE (SELECT CASE WHEN r.published <= a.hidden_before THEN 0
                        ELSE r.published + a.hidden_after END FROM remote_actors a WHERE a.id = r.actor) END
                 FROM r WHERE true ORDER BY r.article, r.number
                 ON CONFLICT (uri) DO NOTHING RETURNING uri, id"
            ),
            rows,
            now()
        )?;
        Ok(stored.into_iter().collect())
    }
}
