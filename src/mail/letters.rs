//! What mails say: news to the admin, one thing or many; an answer to a guest.

use crate::{
    content::{Html, cut_at_word},
    node::{Node, tokens::Purpose, urls::permalink_path},
    store::{self, Answer, Mail, Notice, ToldComment, Unmailed},
};
use askama::Template;

/// Longest text of a comment or notice in a mail, in characters: where it stands alone, and among others.
const LONG: usize = 2000;
const SHORT: usize = 300;
/// For how long a guest's link to unsubscribe works, in milliseconds: as long as the mail may be found.
const UNSUBSCRIBE_FOR: i64 = 10 * 365 * 24 * 60 * 60 * 1000;

/// What the admin is to hear of: the first of it, and how much there is.
pub struct News {
    pub comments: Vec<ToldComment>,
    pub notices: Vec<Notice>,
    pub total: Unmailed,
}

/// A comment in a mail to the admin.
struct CommentEntry {
    author: String,
    article: String,
    state: String,
    text: String,
    moderate: String,
    page: Option<String>,
}

/// A notice in a mail to the admin.
struct NoticeEntry {
    kind: String,
    date: String,
    text: String,
}

#[derive(Template)]
#[template(path = "mails/news.txt")]
struct NewsText<'a> {
    site: &'a str,
    comments: Vec<CommentEntry>,
    /// How many are not shown.
    more_comments: i64,
    notices: Vec<NoticeEntry>,
    more_notices: i64,
}

#[derive(Template)]
#[template(path = "mails/answer.txt")]
struct AnswerText<'a> {
    site: &'a str,
    author: String,
    article: &'a str,
    text: String,
    page: String,
    unsubscribe: &'a str,
}

/// A mail to the admin about what came in; to nobody yet.
///
/// # Errors
/// If the template can't be drawn.
pub fn news(node: &Node, news: &News) -> Result<Mail, askama::Error> {
    let is_one = news.total.comments + news.total.notices == 1;
    let longest = if is_one { LONG } else { SHORT };
    let site = node.config.site.name.as_str();
    let text = NewsText {
        site,
        comments: news
            .comments
            .iter()
            .map(|comment| entry(node, comment, longest))
            .collect(),
        more_comments: news.total.comments - news.comments.len() as i64,
        notices: news
            .notices
            .iter()
            .map(|notice| notice_entry(notice, longest))
            .collect(),
        more_notices: news.total.notices - news.notices.len() as i64,
    };
    Ok(Mail {
        to: String::new(),
        subject: format!("[{site}] {}", subject(news)),
        text: text.render()?,
        unsubscribe: None,
    })
}

fn subject(news: &News) -> String {
    let total = &news.total;
    match (news.comments.as_slice(), news.notices.as_slice()) {
        ([comment], []) if total.comments == 1 => match comment.state.as_str() {
            "held" => format!("A comment by {} waits for you", comment.author_name),
            _ => format!("{} on “{}”", comment.author_name, comment.article_title),
        },
        ([], [notice]) if total.notices == 1 => format!("Notice: {}", notice.kind),
        _ => {
            let parts = [
                counted(total.comments, "comment"),
                counted(total.notices, "notice"),
                (total.held > 0).then(|| format!("{} to decide on", total.held)),
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

fn entry(node: &Node, comment: &ToldComment, longest: usize) -> CommentEntry {
    let is_visible = comment.state == "visible";
    CommentEntry {
        author: author_of(comment),
        article: comment.article_title.clone(),
        state: match (is_visible, &comment.reason) {
            (true, _) => "on the page".to_owned(),
            (false, Some(reason)) => format!("held back: {reason}"),
            (false, None) => "held back".to_owned(),
        },
        text: quoted(comment, longest),
        moderate: moderation_link(node, comment.id),
        page: is_visible.then(|| comment_page(node, comment)),
    }
}

fn notice_entry(notice: &Notice, longest: usize) -> NoticeEntry {
    NoticeEntry {
        kind: notice.kind.to_string(),
        date: store::moment(notice.created_at)
            .format("%Y-%m-%d %H:%M UTC")
            .to_string(),
        text: cut_at_word(&notice.text, longest),
    }
}

/// Name and handle, or the name alone.
fn author_of(comment: &ToldComment) -> String {
    match comment.author_handle.as_str() {
        "" => comment.author_name.clone(),
        handle => format!("{} ({handle})", comment.author_name),
    }
}

/// The text as mails quote it, behind the content warning.
fn quoted(comment: &ToldComment, longest: usize) -> String {
    let warning = comment.content_warning.as_deref();
    let warning = warning
        .map(|warning| format!("[{warning}]\n\n"))
        .unwrap_or_default();
    let text = cut_at_word(&(warning + &text_of(comment)), longest);
    let lines: Vec<String> = text.lines().map(|line| format!("> {line}")).collect();
    lines.join("\n")
}

/// A comment's text, plain.
pub fn text_of(comment: &ToldComment) -> String {
    Html::unverified(comment.content.clone()).to_text()
}

/// Where a comment stands.
pub fn comment_page(node: &Node, comment: &ToldComment) -> String {
    let path = permalink_path(comment.article_published_at, &comment.article_slug);
    let number = comment.number;
    node.urls()
        .at(&format!("{path}?after={}#comment-{number}", number - 1))
}

/// Where the admin decides on a comment without logging in, for as long as the configuration says.
fn moderation_link(node: &Node, comment_id: i64) -> String {
    let until = store::now().saturating_add(node.config.notices.links_for.milliseconds());
    let token = node
        .tokens
        .sign(Purpose::Moderate, &comment_id.to_string(), until);
    node.urls().at(&format!("/moderate/{token}"))
}

/// The mail to a guest whose comment was answered.
///
/// # Errors
/// If the template can't be drawn.
pub fn answer(node: &Node, answer: &Answer) -> Result<Mail, askama::Error> {
    let (site, comment) = (node.config.site.name.as_str(), &answer.comment);
    let until = store::now() + UNSUBSCRIBE_FOR;
    let token = node
        .tokens
        .sign(Purpose::Unsubscribe, &answer.guest_id.to_string(), until);
    let unsubscribe = node.urls().at(&format!("/unsubscribe/{token}"));
    let text = AnswerText {
        site,
        author: author_of(comment),
        article: &comment.article_title,
        text: match comment.is_hidden_by_author() {
            true => format!("(Its author wants it to be read there: {})", comment.uri),
            false => quoted(comment, LONG),
        },
        page: comment_page(node, comment),
        unsubscribe: &unsubscribe,
    };
    Ok(Mail {
        to: answer.guest_mail.clone(),
        subject: format!(
            "{} answered you on “{}”",
            comment.author_name, comment.article_title
        ),
        text: text.render()?,
        unsubscribe: Some(unsubscribe),
    })
}
