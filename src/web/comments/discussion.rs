//! A page of the conversation under an article.

use super::{
    form::article_form,
    links, reactions,
    size::{FRAME, PART, size_of},
};
use crate::{
    content::CommentPolicy,
    federation::comments::text::most_characters,
    quota::Limit,
    store::{Article, Conn, PageComment, StoreError},
    web::{
        app::App,
        response::WebError,
        views::{Discussion, Link, Paging, Reactions, Thread},
    },
};
use serde::Deserialize;

/// The maximum number of comments on a page.
const PAGE: i64 = 100;
const KIBIBYTE: u64 = 1024;

/// `?after=`: the number of the last comment on the previous page.
#[derive(Debug, Deserialize)]
pub struct CommentQuery {
    after: Option<i64>,
}

/// A page of an article's conversation, with what was made of the article itself.
pub async fn discussion(
    app: &App,
    conn: &mut Conn,
    article: &Article,
    query: &CommentQuery,
) -> Result<(Discussion, Reactions), WebError> {
    let path = links::path_of(article);
    let after = query.after.unwrap_or(0);
    let mut rows = conn.page_comments(article.id, after, PAGE + 1).await?;
    let mut has_more = rows.len() as i64 > PAGE;
    rows.truncate(PAGE as usize);
    let ids: Vec<i64> = rows.iter().map(|row| row.comment.id).collect();
    let kinds = app.node.quota.value(Limit::ReactionKinds);
    let kinds = i64::try_from(kinds).unwrap_or(i64::MAX);
    let mut counts = reactions::by_comment(conn.reaction_counts(article.id, &ids, kinds).await?);
    let policy = article.comment_policy(app.node.config.comments.terms());
    let form = article_form(app, article);
    let page = Page {
        app,
        article,
        has_form: form.is_some(),
        path: &path,
        after,
        is_open: policy != CommentPolicy::Closed,
    };
    let (mut comments, mut size, mut estimate) = (Vec::new(), 0, 0);
    for row in &rows {
        let comment = page.comment(row, counts.remove(&row.comment.id).unwrap_or_default());
        size += size_of(&comment);
        if row.comment.state == "visible" {
            let extras = row.comment.extras.as_ref().map_or(0, String::len);
            estimate += page.estimate(row.comment.content.len() + extras);
        }
        // The estimate is what pages are made by from the end; a comment can still take more.
        if size.max(estimate) > page.most_bytes() && !comments.is_empty() {
            break;
        }
        comments.push(comment);
    }
    has_more |= comments.len() < rows.len();
    rows.truncate(comments.len());
    let discussion = Discussion {
        total: conn.count_comments(article.id).await?.unsigned_abs(),
        open: page.is_open,
        paging: page.paging(conn, &rows, has_more).await?,
        newest: match has_more {
            true => page.newest(conn).await?,
            false => None,
        },
        form,
        threads: Thread::arrange(comments),
    };
    let own = counts.remove(&0).unwrap_or_default();
    let own = reactions::summarize(app, own, &format!("{path}/reactions"));
    Ok((discussion, own))
}

/// A page of comments: the article's page, starting after a comment.
pub(super) struct Page<'a> {
    pub app: &'a App,
    pub article: &'a Article,
    /// Whether readers without an account can comment.
    pub has_form: bool,
    pub path: &'a str,
    /// The number of the last comment on the previous page.
    pub after: i64,
    pub is_open: bool,
}

impl Page<'_> {
    /// The most that the comments of a page take together, in bytes.
    fn most_bytes(&self) -> usize {
        let most = self.app.node.quota.value(Limit::PageKilobytes);
        usize::try_from(most.saturating_mul(KIBIBYTE)).unwrap_or(usize::MAX)
    }

    /// Returns about how many bytes a comment takes on the page that takes so many in the database.
    fn estimate(&self, stored: usize) -> usize {
        let most = most_characters(&self.app.node).saturating_mul(4);
        FRAME + 2 * PART + stored.min(most)
    }

    /// Returns the number after which a page begins whose last comment has this one; `None` if it is the first.
    async fn start_of_page_to(
        &self,
        conn: &mut Conn,
        number: i64,
    ) -> Result<Option<i64>, StoreError> {
        let before = conn
            .comment_sizes(self.article.id, number, PAGE + 1)
            .await?;
        let mut size = 0;
        for (place, (number, bytes)) in before.into_iter().enumerate() {
            size += self.estimate(usize::try_from(bytes).unwrap_or(usize::MAX));
            let is_full = size > self.most_bytes() && place > 0;
            if is_full || place as i64 == PAGE {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// The page of the last comments.
    async fn newest(&self, conn: &mut Conn) -> Result<Option<Link>, StoreError> {
        let start = self.start_of_page_to(conn, i64::MAX).await?;
        Ok(start.and_then(|number| Link::parse(&format!("{}?after={number}#comments", self.path))))
    }

    /// Comments are read from the oldest on, so that "newer" leads further.
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
            after => match self.start_of_page_to(conn, after).await? {
                Some(number) if number > 0 => {
                    Link::parse(&format!("{}?after={number}#comments", self.path))
                }
                _ => Link::parse(&format!("{}#comments", self.path)),
            },
        };
        Ok(Paging { newer, older })
    }
}
