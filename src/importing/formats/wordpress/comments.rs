//! Comments: those of readers, pings of other sites, and what the ActivityPub plugin stores as comments.

use super::{
    content::{comment_html, text_line},
    dates,
    tree::Element,
};
use crate::importing::model::{
    Body, ImportedComment, ImportedCommentKind, ImportedCommentState, RemoteOrigin,
};

/// The outcome for a comment.
pub(super) enum Outcome {
    Comment(Box<ImportedComment>),
    /// It is of a type that another plugin uses for its own purposes.
    Foreign(String),
    Broken(String),
}

/// Reads a comment.
pub(super) fn read(comment: &Element, offset: i64) -> Outcome {
    let key = comment.text_of("wp:comment_id");
    if key.is_empty() || key == "0" {
        return Outcome::Broken("it has no id".to_owned());
    }
    let kind = match comment.text_of("wp:comment_type") {
        "" | "comment" | "review" => ImportedCommentKind::Comment,
        "pingback" | "trackback" => ImportedCommentKind::Ping,
        "like" => ImportedCommentKind::Like,
        "repost" | "announce" => ImportedCommentKind::Boost,
        "quote" => ImportedCommentKind::Quote,
        other => return Outcome::Foreign(other.to_owned()),
    };
    let remote = remote_origin(comment);
    let is_reaction = matches!(kind, ImportedCommentKind::Like | ImportedCommentKind::Boost);
    if is_reaction && remote.is_none() {
        return Outcome::Broken("it is a reaction without an id".to_owned());
    }
    let state = match comment.text_of("wp:comment_approved") {
        "1" | "approve" | "approved" => ImportedCommentState::Visible,
        "spam" => ImportedCommentState::Spam,
        "trash" | "post-trashed" => ImportedCommentState::Hidden,
        _ => ImportedCommentState::Held,
    };
    let name = text_line(comment.text_of("wp:comment_author"));
    let url = comment.text_of("wp:comment_author_url");
    let mail = comment.text_of("wp:comment_author_email");
    let parent = comment.text_of("wp:comment_parent");
    Outcome::Comment(Box::new(ImportedComment {
        key: key.to_owned(),
        article: String::new(),
        parent: (!parent.is_empty() && parent != "0").then(|| parent.to_owned()),
        kind,
        author_name: if name.is_empty() {
            "Anonymous".to_owned()
        } else {
            name
        },
        author_url: has_host(url).then(|| url.to_owned()),
        author_mail: (remote.is_none() && mail.contains('@')).then(|| mail.to_owned()),
        body: Body::Html(comment_html(comment.raw_text_of("wp:comment_content"))),
        state,
        published_at: dates::commented(comment, offset),
        remote,
        former_path: None,
    }))
}

/// Returns whether a text is an address with a host. `http://` is the default of some forms.
fn has_host(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or(url.strip_prefix("https://"));
    rest.is_some_and(|rest| !rest.is_empty())
}

/// Returns where the comment came from, if the ActivityPub plugin stored it.
fn remote_origin(comment: &Element) -> Option<RemoteOrigin> {
    let meta = |key: &str| {
        let found = comment
            .all("wp:commentmeta")
            .find(|meta| meta.text_of("wp:meta_key") == key)?;
        Some(found.text_of("wp:meta_value")).filter(|value| !value.is_empty())
    };
    if meta("protocol")? != "activitypub" {
        return None;
    }
    let url = meta("source_url").filter(|url| has_host(url));
    let uri = meta("source_id").filter(|uri| has_host(uri)).or(url)?;
    // Newer versions of the plugin keep the handle where people have their address of mail.
    let handle = comment.text_of("wp:comment_author_email");
    Some(RemoteOrigin {
        uri: uri.to_owned(),
        url: url.map(str::to_owned),
        actor: None,
        handle: handle
            .contains('@')
            .then(|| format!("@{}", handle.trim_start_matches('@'))),
    })
}
