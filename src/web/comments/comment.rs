//! One comment, from its row to its view.

use super::{
    discussion::Page,
    links, reactions,
    text::{ParentAuthor, comment_text, name_with_emoji, show_emoji},
};
use crate::{
    content::{Extras, FederatedForm, Html, extras::AttachedFile},
    federation::objects::articles,
    store::{self, Article, PageComment, ReactionCount},
    web::{
        app::{App, own_link},
        media_proxy::urls,
        views::{
            self, Author, Avatar, CommentBody, CommentState, Image, Link, NamedLink, ReplyTo,
            Timestamp,
        },
    },
};

impl Page<'_> {
    pub(super) fn comment(&self, row: &PageComment, counts: Vec<ReactionCount>) -> views::Comment {
        let comment = &row.comment;
        views::Comment {
            number: comment.number.unsigned_abs(),
            permalink: self.address(comment.number),
            reply_to: row.parent_number.map(|number| ReplyTo {
                number: number.unsigned_abs(),
                permalink: self.address(number),
            }),
            state: match comment.state {
                store::CommentState::Visible if comment.is_hidden_by_author() => {
                    CommentState::HiddenByAuthor(original_of(comment))
                }
                store::CommentState::Visible => {
                    CommentState::Visible(Box::new(self.body(row, counts)))
                }
                store::CommentState::Deleted => CommentState::Deleted,
                _ => CommentState::Withheld,
            },
        }
    }

    /// Returns the address of a comment. On the first page it is the anchor on that page; on others, the page that starts
    /// with the comment.
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

    fn body(&self, row: &PageComment, counts: Vec<ReactionCount>) -> CommentBody {
        let comment = &row.comment;
        let timestamp = |time: i64| Timestamp::from(store::moment(time));
        let extras = Extras::from_json(comment.extras.as_deref());
        let with_emoji = |html: Html| show_emoji(self.app, comment.id, &extras.emoji, html);
        let who = format!("{}/comments/{}/reactions", self.path, comment.number);
        let (content, is_shortened) =
            comment_text(self.app, &comment.content, ParentAuthor::of_row(row));
        CommentBody {
            author: self.author_of(row),
            name: shown_name(self.app, &comment.author_name, row),
            published: timestamp(comment.published_at),
            edited: comment.edited_at.map(timestamp),
            original: comment.url.as_deref().and_then(Link::parse),
            is_own: self.is_own(comment),
            reply: (self.has_form || self.is_open && is_federated(self.app, self.article, comment))
                .then(|| links::reply_form(self.article, comment.number)),
            // Nobody reports the publication to itself.
            report: (!is_local(self.app, comment) && !self.app.site.is_static)
                .then(|| links::report_form(self.path, comment.number)),
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
                ends: poll.ends.map(timestamp),
            }),
            quote: extras.quote.as_deref().and_then(Link::parse),
            reactions: reactions::summarize(self.app, counts, &who),
        }
    }

    /// Returns whether the publication or one of its authors wrote a comment, from here or from an account elsewhere that
    /// the publication or the article's author links to. A guest's website proves nothing.
    fn is_own(&self, comment: &store::Comment) -> bool {
        let is_remote = comment.actor_id.is_some();
        let page = comment.author_url.as_ref().filter(|_| is_remote);
        is_local(self.app, comment) || page.is_some_and(|page| self.own_profiles.contains(page))
    }

    fn author_of(&self, row: &PageComment) -> Author {
        let comment = &row.comment;
        let picture = match (comment.actor_id, &row.icon_url) {
            (Some(actor_id), Some(url)) => urls::avatar(&self.app.node.tokens, actor_id, url),
            (None, _) => self.own_pictures.get(&comment.author_handle).cloned(),
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
}

/// Returns whether a local actor wrote a comment: the publication or one of its authors.
pub(super) fn is_local(app: &App, comment: &store::Comment) -> bool {
    // Guests have no handle.
    let is_note = app.node.urls().note_uid(&comment.uri).is_some();
    is_note && comment.guest_id.is_none() && !comment.author_handle.is_empty()
}

/// Returns whether other servers know a comment, so that readers can reply from there. A guest's comment must be federated
/// for that, and so must its article.
pub(crate) fn is_federated(app: &App, article: &Article, comment: &store::Comment) -> bool {
    let config = &app.node.config;
    comment.guest_id.is_none()
        || config.comments.federate_guests.is_on()
            && articles::form_of(article, config) != FederatedForm::No
}

/// Returns the address of a comment on its own server.
fn original_of(comment: &store::Comment) -> Option<Link> {
    let page = comment.url.as_deref().and_then(Link::parse);
    page.or_else(|| Link::parse(&comment.uri))
}

fn shown_name(app: &App, name: &str, row: &PageComment) -> Html {
    match row.comment.actor_id {
        Some(actor_id) => name_with_emoji(app, name, actor_id, row.name_emoji.as_deref()),
        None => Html::from_text(name),
    }
}

fn pictures_of(app: &App, comment_id: i64, extras: &Extras) -> Vec<Image> {
    let numbered = extras.pictures.iter().enumerate();
    numbered
        .filter(|(_, picture)| picture.is_picture)
        .filter_map(|(number, picture)| {
            Some(Image {
                url: urls::attachment(&app.node.tokens, comment_id, number, &picture.url)?,
                alt: picture.alt.clone(),
                size: None,
            })
        })
        .collect()
}

fn file_of(file: &AttachedFile) -> Option<NamedLink> {
    Some(NamedLink {
        // The template names a file without a description.
        label: file.alt.clone(),
        url: Link::parse(&file.url)?,
    })
}
