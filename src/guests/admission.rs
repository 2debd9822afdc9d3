//! Decides whether a guest's comment is visible: by the policies of the site and the article, its score and its guest.

use crate::{
    config::{Comments, GuestPolicy},
    content::CommentPolicy,
    node::{Node, NodeError},
    spam::Score,
    store::{CommentState, Conn},
};

/// The facts that decide whether a guest's comment is visible.
pub(super) struct Admission {
    pub policy: CommentPolicy,
    pub score: Score,
    pub links: usize,
    pub is_trusted: bool,
    pub uses_reserved_name: bool,
}

impl Admission {
    /// Returns the state of the comment, and the reason if it is not visible.
    pub(super) fn decide(&self, node: &Node) -> (CommentState, Option<String>) {
        let (spam, comments) = (&node.config.spam, &node.config.comments);
        if self.score.points >= spam.spam {
            return (CommentState::Spam, Some(self.score.summary()));
        }
        match self.why_held(spam.hold, comments) {
            Some(reason) => (CommentState::Held, Some(reason)),
            None => (CommentState::Visible, None),
        }
    }

    fn why_held(&self, hold: i64, comments: &Comments) -> Option<String> {
        let is_first = comments.guests == GuestPolicy::First && !self.is_trusted;
        if self.links > comments.links {
            return Some(format!("it has {} links", self.links));
        }
        if self.score.points >= hold {
            return Some(self.score.summary());
        }
        if self.uses_reserved_name {
            return Some(
                "its author uses the name of the site or of one of its authors".to_owned(),
            );
        }
        if self.policy != CommentPolicy::Open || comments.guests == GuestPolicy::Moderated {
            return Some("waits for approval".to_owned());
        }
        is_first.then(|| "the first comment of this guest".to_owned())
    }
}

/// Returns the number of links in an HTML text.
pub(super) fn count_links(content: &str) -> usize {
    content.matches("<a ").count()
}

/// Returns whether a name is that of the site or of one of its authors.
pub(super) async fn is_reserved_name(
    node: &Node,
    conn: &mut Conn,
    name: &str,
) -> Result<bool, NodeError> {
    let is_site = node.config.site.name.to_lowercase() == name.to_lowercase();
    Ok(is_site || conn.author(name).await?.is_some())
}
