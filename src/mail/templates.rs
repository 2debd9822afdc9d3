//! The texts of emails: a summary for the admin, and a reply notification for a guest.

use crate::{
    base::time,
    content::{Html, truncate_at_word},
    i18n::Locale,
    node::{Node, tokens::Purpose, urls::permalink_path},
    store::{self, CommentState, Mail, MailPending, Notice, NotifiedComment, ReplyToGuest},
};
use minijinja::{Environment, UndefinedBehavior, value::Serde};
use serde::Serialize;
use std::sync::LazyLock;

/// The maximum length of a comment or notice that is the only one in an email, in characters.
const MAX_TEXT_ALONE: usize = 2000;
/// The maximum length of a comment or notice among others, in characters.
const MAX_TEXT: usize = 300;
/// The lifetime of a guest's link to unsubscribe, in milliseconds.
const UNSUBSCRIBE_LIFETIME: i64 = 10 * 365 * 24 * 60 * 60 * 1000;

/// The templates of emails. They are plain text, so that nothing is escaped.
static TEMPLATES: LazyLock<Environment> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_loader(|name| {
        Ok(match name {
            SUMMARY => Some(include_str!("../../templates/mails/summary.txt")),
            _ => None,
        })
    });
    environment
});
/// The separator of a signature (RFC 3676, section 4.3).
const SIGNATURE: &str = "-- ";
const SUMMARY: &str = "summary.txt";

/// Pending comments and notices for the admin: the first ones, and the total.
pub(super) struct Summary {
    pub comments: Vec<NotifiedComment>,
    pub notices: Vec<Notice>,
    pub total: MailPending,
}

/// A comment in an email to the admin.
#[derive(Serialize)]
struct CommentEntry {
    author: String,
    article: String,
    state: String,
    text: String,
    moderate: String,
    page: Option<String>,
}

/// A notice in an email to the admin.
#[derive(Serialize)]
struct NoticeEntry {
    kind: String,
    date: String,
    text: String,
}

#[derive(Serialize)]
struct SummaryText<'a> {
    site: &'a str,
    comments: Vec<CommentEntry>,
    /// The number of comments that are not shown.
    more_comments: i64,
    notices: Vec<NoticeEntry>,
    more_notices: i64,
}

/// Returns the email to the admin, without a recipient.
///
/// # Errors
/// If the template can't be rendered.
pub(super) fn summary(node: &Node, summary: &Summary) -> Result<Mail, minijinja::Error> {
    let is_one = summary.total.comments + summary.total.notices == 1;
    let max = if is_one { MAX_TEXT_ALONE } else { MAX_TEXT };
    let site = node.config.site.name.as_str();
    let text = SummaryText {
        site,
        comments: summary
            .comments
            .iter()
            .map(|comment| comment_entry(node, comment, max))
            .collect(),
        more_comments: summary.total.comments - summary.comments.len() as i64,
        notices: summary
            .notices
            .iter()
            .map(|notice| notice_entry(notice, max))
            .collect(),
        more_notices: summary.total.notices - summary.notices.len() as i64,
    };
    Ok(Mail {
        to: String::new(),
        subject: format!("[{site}] {}", subject(summary)),
        text: render(SUMMARY, &text)?,
        unsubscribe: None,
    })
}

fn render(template: &str, text: &impl Serialize) -> Result<String, minijinja::Error> {
    TEMPLATES.get_template(template)?.render(Serde(text))
}

fn subject(summary: &Summary) -> String {
    let total = &summary.total;
    match (summary.comments.as_slice(), summary.notices.as_slice()) {
        ([comment], []) if total.comments == 1 => match comment.state {
            CommentState::Held => format!("A comment by {} needs approval", comment.author_name),
            _ => format!("{} on “{}”", comment.author_name, comment.article_title),
        },
        ([], [notice]) if total.notices == 1 => format!("Notice: {}", notice.kind),
        _ => {
            let parts = [
                counted(total.comments, "comment"),
                counted(total.notices, "notice"),
                (total.held > 0).then(|| format!("{} to approve", total.held)),
            ];
            parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
    }
}

fn counted(count: i64, what: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{count} {what}s")),
    }
}

fn comment_entry(node: &Node, comment: &NotifiedComment, max: usize) -> CommentEntry {
    let is_visible = comment.state == CommentState::Visible;
    CommentEntry {
        author: author_of(comment),
        article: comment.article_title.clone(),
        state: match (is_visible, &comment.reason) {
            (true, _) => "published".to_owned(),
            (false, Some(reason)) => format!("not published: {reason}"),
            (false, None) => "not published".to_owned(),
        },
        text: quoted(comment, max),
        moderate: moderation_link(node, comment.id),
        page: is_visible.then(|| comment_page(node, comment)),
    }
}

fn notice_entry(notice: &Notice, max: usize) -> NoticeEntry {
    NoticeEntry {
        kind: notice.kind.to_string(),
        date: time::from_millis(notice.created_at)
            .format("%Y-%m-%d %H:%M UTC")
            .to_string(),
        text: truncate_at_word(&notice.text, max),
    }
}

/// Returns name and handle, or only the name of an author without a handle.
fn author_of(comment: &NotifiedComment) -> String {
    match comment.author_handle.as_str() {
        "" => comment.author_name.clone(),
        handle => format!("{} ({handle})", comment.author_name),
    }
}

/// Quotes a comment's text, after its content warning.
fn quoted(comment: &NotifiedComment, max: usize) -> String {
    let warning = comment.content_warning.as_deref();
    let warning = warning
        .map(|warning| format!("[{warning}]\n\n"))
        .unwrap_or_default();
    let text = truncate_at_word(&(warning + &text_of(comment)), max);
    let lines: Vec<String> = text.lines().map(|line| format!("> {line}")).collect();
    lines.join("\n")
}

/// Returns a comment's text without markup.
pub(super) fn text_of(comment: &NotifiedComment) -> String {
    Html::unverified(comment.content.clone()).to_text()
}

/// Returns the address of a comment on its page.
pub(super) fn comment_page(node: &Node, comment: &NotifiedComment) -> String {
    let path = permalink_path(comment.article_published_at, &comment.article_slug);
    let number = comment.number;
    node.urls()
        .at(&format!("{path}?after={}#comment-{number}", number - 1))
}

/// Returns the link by which the admin moderates a comment without logging in. Its lifetime is configured.
fn moderation_link(node: &Node, comment_id: i64) -> String {
    let until = store::now().saturating_add(node.config.notices.links_for.milliseconds());
    let token = node
        .tokens
        .sign(Purpose::Moderate, &comment_id.to_string(), until);
    node.urls().at(&format!("/moderate/{token}"))
}

/// Returns the email to a guest whose comment got a reply, in the language of the article.
pub(super) fn reply(node: &Node, reply: &ReplyToGuest) -> Mail {
    let comment = &reply.comment;
    let until = store::now() + UNSUBSCRIBE_LIFETIME;
    let token = node
        .tokens
        .sign(Purpose::Unsubscribe, &reply.guest_id.to_string(), until);
    let unsubscribe = node.urls().at(&format!("/unsubscribe/{token}"));
    let language = comment.article_language.as_deref();
    let locale = language
        .and_then(Locale::known)
        .unwrap_or_else(|| Locale::from_tag(&node.config.site.language));
    let names = |author: &str| {
        [
            ("author", author.to_owned().into()),
            ("article", comment.article_title.clone().into()),
        ]
    };
    let text = if comment.is_hidden_by_author() {
        format!("{} {}", locale.text("mail-reply-hidden"), comment.uri)
    } else {
        quoted(comment, MAX_TEXT_ALONE)
    };
    let site = [("site", node.config.site.name.as_str().into())];
    let text = format!(
        "{}\n\n{text}\n\n{} {}\n\n{SIGNATURE}\n{}\n{} {unsubscribe}\n",
        locale.text_with("mail-reply-lead", &names(&author_of(comment))),
        locale.text("mail-reply-read"),
        comment_page(node, comment),
        locale.text_with("mail-reply-why", &site),
        locale.text("mail-reply-unsubscribe"),
    );
    Mail {
        to: reply.guest_mail.clone(),
        subject: locale.text_with("mail-reply-subject", &names(&comment.author_name)),
        text,
        unsubscribe: Some(unsubscribe),
    }
}
