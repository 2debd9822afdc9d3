//! A page of the conversation under an article.

use super::{
    comment::is_local,
    form::article_form,
    links, reactions,
    size::{FRAME, PART, size_of},
};
use crate::{
    content::CommentPolicy,
    federation::{comments::text::most_characters, objects::documents},
    node::local_actors::LocalActor,
    quota::Limit,
    store::{Article, CommentState, Conn, PageComment, ReactionCount, StoreError},
    web::{
        app::App,
        response::WebError,
        views::{self, Discussion, Link, Paging, Reactions, Thread},
    },
};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

/// The maximum number of comments on a page.
const PAGE: i64 = 100;
const KIBIBYTE: u64 = 1024;

/// `?after=`: the number of the last comment on the previous page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct CommentQuery {
    after: Option<i64>,
}

/// Returns a page of the conversation under an article, and the reactions to the article itself.
pub(crate) async fn discussion(
    app: &App,
    conn: &mut Conn,
    article: &Article,
    query: &CommentQuery,
) -> Result<(Discussion, Reactions), WebError> {
    let path = links::path_of(article);
    // A file has all comments.
    let (after, most) = match app.site.is_static {
        true => (0, i64::from(i32::MAX)),
        false => (query.after.unwrap_or(0), PAGE),
    };
    let mut rows = conn.page_comments(article.id, after, most + 1).await?;
    let mut has_more = rows.len() as i64 > most;
    rows.truncate(most as usize);
    let ids: Vec<i64> = rows.iter().map(|row| row.comment.id).collect();
    let kinds = app.node.quota.value(Limit::ReactionKinds);
    let kinds = i64::try_from(kinds).unwrap_or(i64::MAX);
    let mut counts = reactions::by_comment(conn.reaction_counts(article.id, &ids, kinds).await?);
    let policy = article.comment_policy(app.node.config.comments.terms());
    let is_static = app.site.is_static;
    let form = article_form(app, article).filter(|_| !is_static);
    let page = Page {
        app,
        article,
        own_pictures: own_pictures(app, &rows).await?,
        own_profiles: own_profiles(app, conn, article).await?,
        has_form: form.is_some(),
        path: &path,
        after,
        is_open: policy != CommentPolicy::Closed && !is_static,
    };
    let comments = page.comments(&rows, &mut counts);
    has_more |= comments.len() < rows.len();
    rows.truncate(comments.len());
    let discussion = Discussion {
        total: conn.count_comments(article.id).await?.unsigned_abs(),
        // A file does not say that comments are closed either.
        open: page.is_open || is_static,
        paging: page.paging(conn, &rows, has_more).await?,
        newest: if has_more {
            page.newest(conn).await?
        } else {
            None
        },
        form,
        threads: Thread::arrange(comments),
    };
    let counts = counts.remove(&0).unwrap_or_default();
    let reactions = reactions::summarize(app, counts, &format!("{path}/reactions"));
    Ok((discussion, reactions))
}

/// Returns the pictures of the local actors who wrote comments, by handle.
async fn own_pictures(app: &App, rows: &[PageComment]) -> Result<HashMap<String, Link>, WebError> {
    let mut pictures = HashMap::new();
    for handle in rows
        .iter()
        .filter(|row| is_local(app, &row.comment))
        .map(|row| &row.comment.author_handle)
    {
        let username = handle.split('@').nth(1).unwrap_or_default();
        if pictures.contains_key(handle) {
            continue;
        }
        let locals = &app.node.local_actors;
        let actor = locals.by_name(&app.node.store, username).await?;
        let picture = actor.and_then(|actor| picture_of(app, &actor));
        pictures.insert(handle.clone(), picture);
    }
    let found = |(handle, picture): (String, Option<Link>)| Some((handle, picture?));
    Ok(pictures.into_iter().filter_map(found).collect())
}

/// Returns the accounts elsewhere of the publication and of the article's author.
async fn own_profiles(
    app: &App,
    conn: &mut Conn,
    article: &Article,
) -> Result<HashSet<String>, StoreError> {
    let mut profiles: HashSet<String> = app.site.me.iter().map(ToString::to_string).collect();
    if let Some(username) = &article.author_username
        && let Some(author) = conn.author(username).await?
    {
        profiles.extend(author.links().into_iter().map(|link| link.url));
    }
    Ok(profiles)
}

/// Returns the picture of a local actor.
pub(crate) fn picture_of(app: &App, actor: &LocalActor) -> Option<Link> {
    Link::parse(&documents::icon(&app.node, actor)?.url)
}

/// A page of comments: the article's page, starting after a comment.
pub(super) struct Page<'a> {
    pub app: &'a App,
    pub article: &'a Article,
    /// The pictures of local actors, by handle.
    pub own_pictures: HashMap<String, Link>,
    /// The accounts elsewhere of the publication and of the article's author.
    pub own_profiles: HashSet<String>,
    /// Whether readers without an account can comment.
    pub has_form: bool,
    pub path: &'a str,
    /// The number of the last comment on the previous page.
    pub after: i64,
    pub is_open: bool,
}

impl Page<'_> {
    /// Returns the first comments that fit on the page together, but at least one.
    fn comments(
        &self,
        rows: &[PageComment],
        counts: &mut HashMap<i64, Vec<ReactionCount>>,
    ) -> Vec<views::Comment> {
        let (mut comments, mut size, mut estimate) = (Vec::new(), 0, 0);
        for row in rows {
            let comment = self.comment(row, counts.remove(&row.comment.id).unwrap_or_default());
            size += size_of(&comment);
            if row.comment.state == CommentState::Visible {
                let extras = row.comment.extras.as_ref().map_or(0, String::len);
                estimate += self.estimate(row.comment.content.len() + extras);
            }
            // Pages counted from the end are cut by the estimate, which a comment can exceed.
            if size.max(estimate) > self.max_bytes() && !comments.is_empty() {
                break;
            }
            comments.push(comment);
        }
        comments
    }

    /// Returns the maximum size of all comments on a page, in bytes.
    fn max_bytes(&self) -> usize {
        if self.app.site.is_static {
            return usize::MAX;
        }
        let most = self.app.node.quota.value(Limit::PageKilobytes);
        usize::try_from(most.saturating_mul(KIBIBYTE)).unwrap_or(usize::MAX)
    }

    /// Estimates the size of a comment on the page by its size in the database, in bytes.
    fn estimate(&self, stored: usize) -> usize {
        let most = most_characters(&self.app.node).saturating_mul(4);
        FRAME + 2 * PART + stored.min(most)
    }

    /// Returns the number after which the page starts that ends with the comment of this number; `None` for the first
    /// page.
    async fn start_of_page_before(
        &self,
        conn: &mut Conn,
        number: i64,
    ) -> Result<Option<i64>, StoreError> {
        let before = conn
            .comment_sizes(self.article.id, number, PAGE + 1)
            .await?;
        let mut size = 0;
        for (index, (number, bytes)) in before.into_iter().enumerate() {
            size += self.estimate(usize::try_from(bytes).unwrap_or(usize::MAX));
            let is_full = size > self.max_bytes() && index > 0;
            if is_full || index as i64 == PAGE {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// Returns the page with the newest comments.
    async fn newest(&self, conn: &mut Conn) -> Result<Option<Link>, StoreError> {
        let start = self.start_of_page_before(conn, i64::MAX).await?;
        Ok(start.and_then(|number| Link::parse(&format!("{}?after={number}#comments", self.path))))
    }

    /// Comments are shown from the oldest to the newest, so "newer" is the next page.
    async fn paging(
        &self,
        conn: &mut Conn,
        rows: &[PageComment],
        has_more: bool,
    ) -> Result<Paging, WebError> {
        let newer = rows.last().filter(|_| has_more).and_then(|last| {
            let number = last.comment.number;
            Link::parse(&format!("{}?after={number}#comments", self.path))
        });
        let older = match self.after {
            0 => None,
            after => match self.start_of_page_before(conn, after).await? {
                Some(number) if number > 0 => {
                    Link::parse(&format!("{}?after={number}#comments", self.path))
                }
                _ => Link::parse(&format!("{}#comments", self.path)),
            },
        };
        Ok(Paging { newer, older })
    }
}
