//! The conversation under an article: from rows to threads.

use super::{
    article::CommentQuery,
    views::{
        self, Author, Avatar, CommentState, Discussion, Image, Link, Moment, NamedLink, Paging,
        Reactions, Remark, ReplyTo, Thread,
    },
};
use crate::{
    content::{CommentPolicy, Extras, Federate, Html, extras::Emoji, is_emoji},
    federation::{comments::text::most_characters, objects::articles},
    node::urls::permalink_path,
    quota::Limit,
    store::{self, Article, Conn, PageComment, ReactionCount, StoreError},
    web::{
        app::{App, own_link},
        guests,
        interaction::way_out,
        pictures,
        problem::WebError,
    },
};
use std::collections::HashMap;

/// Comments of one page, if they are not too large together.
const PAGE: i64 = 100;
/// What surrounds a comment's texts on the page, in bytes.
const FRAME: usize = 2048;
/// What surrounds each of its pictures, files, choices and emoji.
const PART: usize = 256;
const KIBIBYTE: u64 = 1024;

/// A page of an article's conversation, with what was made of the article itself.
pub async fn discussion(
    app: &App,
    conn: &mut Conn,
    article: &Article,
    query: &CommentQuery,
) -> Result<(Discussion, Reactions), WebError> {
    let path = permalink_path(article.published_at, &article.slug);
    let after = query.after.unwrap_or(0);
    let mut rows = conn.page_comments(article.id, after, PAGE + 1).await?;
    let mut has_more = rows.len() as i64 > PAGE;
    rows.truncate(PAGE as usize);
    let ids: Vec<i64> = rows.iter().map(|row| row.comment.id).collect();
    let kinds = app.node.quota.value(Limit::ReactionKinds);
    let kinds = i64::try_from(kinds).unwrap_or(i64::MAX);
    let mut counts = by_comment(conn.reaction_counts(article.id, &ids, kinds).await?);
    let policy = article.comment_policy(app.node.config.comments.terms());
    let form = guests::article_form(app, article);
    let place = Place {
        app,
        article,
        has_form: form.is_some(),
        path: &path,
        after,
        is_open: policy != CommentPolicy::Closed,
    };
    let (mut comments, mut size, mut estimate) = (Vec::new(), 0, 0);
    for row in &rows {
        let comment = place.comment(row, counts.remove(&row.comment.id).unwrap_or_default());
        size += size_of(&comment);
        if row.comment.state == "visible" {
            let extras = row.comment.extras.as_ref().map_or(0, String::len);
            estimate += place.estimate(row.comment.content.len() + extras);
        }
        // The estimate is what pages are made by from the end; a comment can still take more.
        if size.max(estimate) > place.most_bytes() && !comments.is_empty() {
            break;
        }
        comments.push(comment);
    }
    has_more |= comments.len() < rows.len();
    rows.truncate(comments.len());
    let discussion = Discussion {
        total: conn.count_comments(article.id).await?.unsigned_abs(),
        open: place.is_open,
        paging: place.paging(conn, &rows, has_more).await?,
        newest: match has_more {
            true => place.newest(conn).await?,
            false => None,
        },
        form,
        threads: Thread::arrange(comments),
    };
    let own = counts.remove(&0).unwrap_or_default();
    let own = reactions(app, own, &format!("{path}/reactions"));
    Ok((discussion, own))
}

/// Returns about how many bytes a comment takes on the page.
fn size_of(comment: &views::Comment) -> usize {
    let CommentState::Present(remark) = &comment.state else {
        return FRAME;
    };
    let html = |html: &Html| html.as_str().len();
    let link = |link: &Option<Link>| link.as_ref().map_or(0, |link| link.as_str().len());
    let author = &remark.author;
    let names = 3 * author.name.len() + html(&remark.name) + link(&author.url);
    let texts = html(&remark.content) + remark.content_warning.as_ref().map_or(0, html);
    let links = [
        &remark.original,
        &remark.reply,
        &remark.answer,
        &remark.quote,
    ];
    let pictures = remark
        .pictures
        .iter()
        .map(|picture| PART + picture.alt.len());
    let files = remark
        .files
        .iter()
        .map(|file| PART + file.label.len() + file.url.as_str().len());
    let choices = remark.poll.iter().flat_map(|poll| &poll.options);
    let choices = choices.map(|(text, _)| PART + html(text));
    let emoji = remark
        .reactions
        .emoji
        .iter()
        .map(|(emoji, _)| PART + html(emoji));
    let parts: usize = pictures.chain(files).chain(choices).chain(emoji).sum();
    FRAME + names + texts + links.into_iter().map(link).sum::<usize>() + parts
}

fn by_comment(counts: Vec<ReactionCount>) -> HashMap<i64, Vec<ReactionCount>> {
    let mut sorted: HashMap<i64, Vec<ReactionCount>> = HashMap::new();
    for count in counts {
        sorted.entry(count.comment_id).or_default().push(count);
    }
    sorted
}

/// Dislikes are not told.
fn reactions(app: &App, counts: Vec<ReactionCount>, who: &str) -> Reactions {
    let mut reactions = Reactions::default();
    for count in counts {
        let number = count.count.unsigned_abs();
        match count.kind.as_str() {
            "like" => reactions.likes += number,
            "boost" => reactions.boosts += number,
            "quote" => reactions.quotes += number,
            "emoji" if count.is_rest => reactions.others += number,
            "emoji" if !can_be_shown(&count.emoji) => reactions.likes += number,
            "emoji" => reactions.emoji.push((emoji_of(app, &count), number)),
            _ => continue,
        }
        reactions.who = Link::parse(who);
    }
    reactions
}

/// Returns whether a stored emoji is one, or the name of a custom one. Older versions took other texts too.
pub(super) fn can_be_shown(emoji: &str) -> bool {
    is_emoji(emoji) || (emoji.len() > 2 && emoji.starts_with(':') && emoji.ends_with(':'))
}

fn emoji_of(app: &App, count: &ReactionCount) -> Html {
    let url = count.emoji_url.as_deref();
    pictures::reaction(&app.node.tokens, count.id, url, &count.emoji)
}

/// Where comments stand: the article's page from one comment on.
struct Place<'a> {
    app: &'a App,
    article: &'a Article,
    /// Readers without an account can comment.
    has_form: bool,
    path: &'a str,
    after: i64,
    is_open: bool,
}

impl Place<'_> {
    fn comment(&self, row: &PageComment, counts: Vec<ReactionCount>) -> views::Comment {
        let comment = &row.comment;
        views::Comment {
            number: comment.number.unsigned_abs(),
            permalink: self.address(comment.number),
            reply_to: row.parent_number.map(|number| ReplyTo {
                number: number.unsigned_abs(),
                permalink: self.address(number),
            }),
            state: match comment.state.as_str() {
                "visible" if comment.is_hidden_by_author() => {
                    CommentState::HiddenByAuthor(original_of(comment))
                }
                "visible" => CommentState::Present(Box::new(self.remark(row, counts))),
                "deleted" => CommentState::Deleted,
                _ => CommentState::Withheld,
            },
        }
    }

    /// The first page has the comment's anchor, or else the page that begins with it.
    fn address(&self, number: i64) -> Link {
        match self.after {
            0 => own_link(&format!("{}#comment-{number}", self.path)),
            _ => own_link(&format!(
                "{}?after={}#comment-{number}",
                self.path,
                number.saturating_sub(1)
            )),
        }
    }

    fn remark(&self, row: &PageComment, counts: Vec<ReactionCount>) -> Remark {
        let comment = &row.comment;
        let moment = |time: i64| Moment::from(store::moment(time));
        let extras = Extras::from_json(comment.extras.as_deref());
        let with_emoji = |html: Html| show_emoji(self.app, comment.id, &extras.emoji, html);
        let who = format!("{}/comments/{}/reactions", self.path, comment.number);
        let (content, is_shortened) = shown_text(self.app, &comment.content);
        Remark {
            author: author_of(self.app, row),
            name: shown_name(self.app, &comment.author_name, row),
            published: moment(comment.published_at),
            edited: comment.edited_at.map(moment),
            original: comment.url.as_deref().and_then(Link::parse),
            reply: self.can_reply(row).then(|| way_out(&comment.uri)),
            answer: self
                .has_form
                .then(|| guests::answer_link(self.article, comment.number)),
            language: comment.language.clone(),
            content_warning: comment
                .content_warning
                .as_deref()
                .map(|warning| with_emoji(Html::from_text(warning))),
            content: with_emoji(content),
            is_shortened,
            pictures: pictures_of(self.app, comment.id, &extras),
            hides_pictures: extras.sensitive,
            files: extras
                .pictures
                .iter()
                .filter(|file| !file.is_picture)
                .filter_map(file_of)
                .collect(),
            poll: extras.poll.as_ref().map(|poll| views::Poll {
                options: poll
                    .options
                    .iter()
                    .map(|option| (with_emoji(Html::from_text(&option.text)), option.votes))
                    .collect(),
                ends: poll.ends.map(moment),
            }),
            quote: extras.quote.as_deref().and_then(Link::parse),
            reactions: reactions(self.app, counts, &who),
        }
    }

    /// Whether it can be answered from other servers: a guest's only if guests' go there, and the article does.
    fn can_reply(&self, row: &PageComment) -> bool {
        let config = &self.app.node.config;
        let is_out = row.comment.guest_id.is_none()
            || config.comments.federate_guests.is_on()
                && articles::form_of(self.article, config) != Federate::No;
        self.is_open && is_out
    }

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

/// Returns the address of a comment on its own server.
fn original_of(comment: &store::Comment) -> Option<Link> {
    let page = comment.url.as_deref().and_then(Link::parse);
    page.or_else(|| Link::parse(&comment.uri))
}

/// Returns as much of a stored text as is shown, and whether it is longer.
pub fn shown_text(app: &App, content: &str) -> (Html, bool) {
    let whole = Html::from_stored(content.to_owned());
    match whole.shortened(most_characters(&app.node)) {
        Some(shortened) => (shortened, true),
        None => (whole, false),
    }
}

/// Renders a comment's text with the pictures of its custom emoji.
pub fn show_emoji(app: &App, comment_id: i64, emoji: &[Emoji], html: Html) -> Html {
    match emoji.is_empty() {
        true => html,
        false => html.with_emoji(|name| pictures::emoji(&app.node.tokens, comment_id, emoji, name)),
    }
}

fn author_of(app: &App, row: &PageComment) -> Author {
    let comment = &row.comment;
    let picture = match (comment.actor_id, &row.icon_url) {
        (Some(actor_id), Some(url)) => pictures::avatar(&app.node.tokens, actor_id, url),
        _ => None,
    };
    // Guests have no handle.
    let handle = Some(comment.author_handle.clone()).filter(|handle| !handle.is_empty());
    let identity = handle.as_deref().unwrap_or(&comment.author_name);
    Author {
        name: comment.author_name.clone(),
        url: comment.author_url.as_deref().and_then(Link::parse),
        avatar: Avatar::initials(&comment.author_name, identity).with_picture(picture),
        handle,
    }
}

fn shown_name(app: &App, name: &str, row: &PageComment) -> Html {
    match row.comment.actor_id {
        Some(actor_id) => name_with_emoji(app, name, actor_id, row.name_emoji.as_deref()),
        None => Html::from_text(name),
    }
}

/// The name of an actor with the pictures of the emoji in it.
pub(super) fn name_with_emoji(app: &App, name: &str, actor_id: i64, emoji: Option<&str>) -> Html {
    let plain = Html::from_text(name);
    let emoji: Vec<Emoji> = emoji
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    match emoji.is_empty() {
        true => plain,
        false => {
            plain.with_emoji(|name| pictures::name_emoji(&app.node.tokens, actor_id, &emoji, name))
        }
    }
}

fn pictures_of(app: &App, comment_id: i64, extras: &Extras) -> Vec<Image> {
    let numbered = extras.pictures.iter().enumerate();
    numbered
        .filter(|(_, picture)| picture.is_picture)
        .filter_map(|(number, picture)| {
            Some(Image {
                url: pictures::attached(&app.node.tokens, comment_id, number, &picture.url)?,
                alt: picture.alt.clone(),
                size: None,
            })
        })
        .collect()
}

fn file_of(file: &crate::content::extras::Attached) -> Option<NamedLink> {
    let label = match file.alt.is_empty() {
        true => "Attached file".to_owned(),
        false => file.alt.clone(),
    };
    Some(NamedLink {
        label,
        url: Link::parse(&file.url)?,
    })
}
