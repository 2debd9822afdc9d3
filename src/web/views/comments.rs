//! Comments and their arrangement in threads.

use serde::Serialize;
use std::collections::HashMap;

use super::{Author, Image, Link, NamedLink, Timestamp};
use crate::content::Html;

/// The number of indented levels. Deeper replies are on the last level and name their parent.
const LEVELS: usize = 4;

/// A comment or its tombstone.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Comment {
    /// Its number in the article's conversation, starting at 1 and never reused. The anchor is `comment-N`.
    pub number: u64,
    /// The page of the article that shows it, with the anchor.
    pub permalink: Link,
    /// The comment that it replies to; `None` for the article.
    pub reply_to: Option<ReplyTo>,
    pub state: CommentState,
}

/// The parent of a comment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ReplyTo {
    /// Its number.
    pub number: u64,
    /// Its address, which can be on another page of the conversation.
    pub permalink: Link,
}

/// Whether a comment is shown.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub(crate) enum CommentState {
    Visible(Box<CommentBody>),
    /// A tombstone, which keeps its replies together.
    Deleted,
    /// Not shown to readers, although replies to it are.
    Withheld,
    /// Its author hides it from people who are not logged in. The link leads to the original.
    HiddenByAuthor(Option<Link>),
}

/// The content of a comment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CommentBody {
    pub author: Author,
    /// The author's name with custom emoji.
    pub name: Html,
    pub published: Timestamp,
    /// The time of the last edit.
    pub edited: Option<Timestamp>,
    /// The comment on its own server; `None` if it was written here.
    pub original: Option<Link>,
    /// Whether the publication or one of its authors wrote it.
    pub is_own: bool,
    /// The page with all ways to reply.
    pub reply: Option<Link>,
    /// The form by which readers report it.
    pub report: Option<Link>,
    /// BCP 47 tag of its language, if known.
    pub language: Option<String>,
    /// A warning that hides the text until the reader opens it.
    pub content_warning: Option<Html>,
    pub content: Html,
    /// Whether `content` is only the beginning of the text.
    pub is_shortened: bool,
    /// Pictures below the text.
    pub pictures: Vec<Image>,
    /// Whether pictures are hidden until the reader opens them.
    pub hides_pictures: bool,
    /// Other attached files.
    pub files: Vec<NamedLink>,
    pub poll: Option<Poll>,
    /// The post that it quotes.
    pub quote: Option<Link>,
    /// Reactions to it.
    pub reactions: Reactions,
}

/// A poll. Votes are possible only on its own server.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Poll {
    /// The options with their numbers of votes.
    pub options: Vec<(Html, u64)>,
    /// The end, past or future.
    pub ends: Option<Timestamp>,
}

/// Counts of reactions to an article or a comment.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Reactions {
    pub likes: u64,
    pub boosts: u64,
    pub quotes: u64,
    /// Emoji with their counts, the most frequent first.
    pub emoji: Vec<(Html, u64)>,
    /// The count of reactions with other emoji.
    pub others: u64,
    /// The page that lists who reacted; `None` if nobody did.
    pub who: Option<Link>,
}

/// A comment with its replies, at most four levels deep, so that the depth of recursion in the template is bounded.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Thread {
    pub(super) comment: Comment,
    /// Whether it must name its parent, because it is not indented under it.
    names_parent: bool,
    pub(super) replies: Vec<Thread>,
}

impl Thread {
    /// Arranges the comments of one page, given in the order to show, in linear time and without recursion.
    ///
    /// A reply whose parent is not before it, for example because it is on another page, begins a thread of its own. So no
    /// comment is lost, even in a circle.
    pub(crate) fn arrange(comments: Vec<Comment>) -> Vec<Thread> {
        let positions = positions(&comments);
        let mut threads: Vec<Thread> = Vec::new();
        let mut replies: HashMap<usize, Vec<Thread>> = HashMap::new();
        // A parent always precedes its replies. So, from the end, each thread is complete when it is taken.
        for (index, (comment, position)) in comments.into_iter().zip(positions).enumerate().rev() {
            let mut own = replies.remove(&index).unwrap_or_default();
            own.reverse();
            let thread = Thread {
                comment,
                names_parent: position.names_parent,
                replies: own,
            };
            match position.parent {
                Some(parent) => replies.entry(parent).or_default().push(thread),
                None => threads.push(thread),
            }
        }
        threads.reverse();
        threads
    }
}

/// The position of a comment in the threads.
#[derive(Clone, Copy)]
struct Position {
    /// The index of the comment under which it is indented.
    parent: Option<usize>,
    level: usize,
    names_parent: bool,
}

fn positions(comments: &[Comment]) -> Vec<Position> {
    let mut index_of: HashMap<u64, usize> = HashMap::new();
    let mut positions: Vec<Position> = Vec::with_capacity(comments.len());
    for (index, comment) in comments.iter().enumerate() {
        let parent = comment
            .reply_to
            .as_ref()
            .and_then(|reply_to| index_of.get(&reply_to.number).copied());
        positions.push(match parent.map(|parent| (parent, positions[parent])) {
            Some((parent, at)) if at.level + 1 < LEVELS => Position {
                parent: Some(parent),
                level: at.level + 1,
                names_parent: false,
            },
            Some((_, at)) => Position {
                names_parent: true,
                ..at
            },
            None => Position {
                parent: None,
                level: 0,
                names_parent: comment.reply_to.is_some(),
            },
        });
        index_of.insert(comment.number, index);
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::templates::Templates;

    fn comment(number: u64, reply_to: Option<u64>) -> Comment {
        let anchor = |n: u64| Link::parse(&format!("#comment-{n}")).unwrap();
        let reply_to = reply_to.map(|number| ReplyTo {
            number,
            permalink: anchor(number),
        });
        Comment {
            number,
            permalink: anchor(number),
            reply_to,
            state: CommentState::Deleted,
        }
    }

    /// `1(2 3^)` is 1 with replies 2 and 3, the latter naming its parent.
    fn outline(threads: &[Thread]) -> String {
        let one = |t: &Thread| {
            let mark = if t.names_parent { "^" } else { "" };
            let replies = if t.replies.is_empty() {
                String::new()
            } else {
                format!("({})", outline(&t.replies))
            };
            format!("{}{mark}{replies}", t.comment.number)
        };
        threads.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    fn arranged(comments: &[(u64, Option<u64>)]) -> String {
        outline(&Thread::arrange(
            comments
                .iter()
                .map(|&(n, parent)| comment(n, parent))
                .collect(),
        ))
    }

    #[test]
    fn replies_are_under_their_parents_in_order() {
        let flat = [
            (1, None),
            (2, Some(1)),
            (3, None),
            (4, Some(2)),
            (5, Some(1)),
            (6, Some(3)),
        ];
        assert_eq!(arranged(&flat), "1(2(4) 5) 3(6)");
    }

    #[test]
    fn beyond_the_fourth_level_replies_are_flat_and_name_their_parent() {
        let chain = [
            (1, None),
            (2, Some(1)),
            (3, Some(2)),
            (4, Some(3)),
            (5, Some(4)),
            (6, Some(5)),
            (7, Some(3)),
        ];
        assert_eq!(arranged(&chain), "1(2(3(4 5^ 6^ 7)))");
    }

    #[test]
    fn a_missing_or_later_parent_and_a_circle_lose_no_comment() {
        assert_eq!(arranged(&[(8, Some(2)), (9, Some(8))]), "8^(9)");
        assert_eq!(
            arranged(&[(1, Some(2)), (2, Some(1)), (3, Some(3))]),
            "1^(2) 3^"
        );
    }

    #[test]
    fn a_thousand_levels_are_rendered_flat() {
        let comments = (1..=1000)
            .map(|n| comment(n, (n > 1).then(|| n - 1)))
            .collect();
        let threads = Thread::arrange(comments);
        let page = Templates::new("en", chrono_tz::Tz::UTC)
            .render_template(
                "parts/comment.html",
                &HashMap::from([("thread", &threads[0])]),
            )
            .unwrap();
        assert_eq!(threads.len(), 1);
        assert_eq!(page.matches("<article").count(), 1000);
        assert_eq!(page.matches("<ol").count(), LEVELS - 1);
    }
}
