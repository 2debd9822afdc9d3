//! Comments, and how a flat list of them becomes threads.

use std::collections::HashMap;

use askama::{Template, filters::HtmlSafe};

use super::{Author, Image, Link, NamedLink, Timestamp};
use crate::content::Html;

/// How many levels are indented. Deeper replies stand flat at the last level and name their parent.
const LEVELS: usize = 4;

/// One comment, or what is left of it.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Its place in the article's conversation, from 1, never given again. Names the anchor `comment-N`.
    pub number: u64,
    /// Its own address: the article's page that holds it, with the anchor.
    pub permalink: Link,
    /// The comment that it answers; `None` if it answers the article.
    pub reply_to: Option<ReplyTo>,
    /// What there is to see.
    pub state: CommentState,
}

/// The comment that another one answers.
#[derive(Debug, Clone)]
pub struct ReplyTo {
    /// Its number.
    pub number: u64,
    /// Its permalink, which may be on another page of the conversation.
    pub permalink: Link,
}

/// Whether a comment still stands.
#[derive(Debug, Clone)]
pub enum CommentState {
    /// It does.
    Present(Box<CommentBody>),
    /// A tombstone: the place is kept so that the answers to it stay together.
    Deleted,
    /// It is not for readers, but answers to it are.
    Withheld,
    /// Its author hides it from strangers. The link leads to the original.
    HiddenByAuthor(Option<Link>),
}

/// What somebody said.
#[derive(Debug, Clone)]
pub struct CommentBody {
    /// Who.
    pub author: Author,
    /// The author's name, with the emoji in it.
    pub name: Html,
    /// When.
    pub published: Timestamp,
    /// When it was last changed, if it was.
    pub edited: Option<Timestamp>,
    /// The comment on the server it came from; `None` if it was written here.
    pub original: Option<Link>,
    /// Where readers answer it from their own server.
    pub reply: Option<Link>,
    /// Where readers without an account answer it.
    pub answer: Option<Link>,
    /// BCP 47 tag of its language, if it says so.
    pub language: Option<String>,
    /// If set, the text stays closed behind this warning until the reader opens it.
    pub content_warning: Option<Html>,
    /// The text.
    pub content: Html,
    /// Whether the text is longer than that.
    pub is_shortened: bool,
    /// Pictures below the text.
    pub pictures: Vec<Image>,
    /// Whether they are hidden until the reader asks for them.
    pub hides_pictures: bool,
    /// Other files that hang on it.
    pub files: Vec<NamedLink>,
    /// The poll that it is.
    pub poll: Option<Poll>,
    /// The post that it quotes.
    pub quote: Option<Link>,
    /// What others made of it.
    pub reactions: Reactions,
}

/// A poll; it is voted on where it is from.
#[derive(Debug, Clone)]
pub struct Poll {
    /// The choices, each with its number of votes.
    pub options: Vec<(Html, u64)>,
    /// When it ends or ended.
    pub ends: Option<Timestamp>,
}

/// How many reacted to an article or a comment, and how.
#[derive(Debug, Clone, Default)]
pub struct Reactions {
    pub likes: u64,
    pub boosts: u64,
    pub quotes: u64,
    /// Emoji with how many reacted by each, most first.
    pub emoji: Vec<(Html, u64)>,
    /// How many reacted by other emoji.
    pub others: u64,
    /// The page of who; `None` if nobody did.
    pub who: Option<Link>,
}

/// A comment with the answers to it, at most four levels deep, so that drawing it is bounded.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/comment.html")]
pub struct Thread {
    comment: Comment,
    /// It does not stand under the comment it answers, so that it has to name it.
    names_parent: bool,
    replies: Vec<Thread>,
}

/// A thread draws itself by its own escaping template.
impl HtmlSafe for Thread {}

impl Thread {
    /// Threads from the comments of one page, given in the order to show. Linear, without recursion.
    ///
    /// A reply whose parent is not before it (on another page, say) begins a thread of its own, so
    /// that not even a circle loses a comment.
    pub fn arrange(comments: Vec<Comment>) -> Vec<Thread> {
        let places = places(&comments);
        let mut threads: Vec<Thread> = Vec::new();
        let mut replies: HashMap<usize, Vec<Thread>> = HashMap::new();
        // A holder always stands before what it holds, so from the end each one is complete when taken.
        for (index, (comment, place)) in comments.into_iter().zip(places).enumerate().rev() {
            let mut own = replies.remove(&index).unwrap_or_default();
            own.reverse();
            let thread = Thread {
                comment,
                names_parent: place.names_parent,
                replies: own,
            };
            match place.holder {
                Some(holder) => replies.entry(holder).or_default().push(thread),
                None => threads.push(thread),
            }
        }
        threads.reverse();
        threads
    }
}

/// Where a comment goes.
#[derive(Clone, Copy)]
struct Place {
    /// Index of the comment it is indented under.
    holder: Option<usize>,
    level: usize,
    names_parent: bool,
}

fn places(comments: &[Comment]) -> Vec<Place> {
    let mut index_of: HashMap<u64, usize> = HashMap::new();
    let mut places: Vec<Place> = Vec::with_capacity(comments.len());
    for (index, comment) in comments.iter().enumerate() {
        let parent = comment
            .reply_to
            .as_ref()
            .and_then(|reply_to| index_of.get(&reply_to.number).copied());
        places.push(match parent.map(|parent| (parent, places[parent])) {
            Some((parent, at)) if at.level + 1 < LEVELS => Place {
                holder: Some(parent),
                level: at.level + 1,
                names_parent: false,
            },
            Some((_, at)) => Place {
                names_parent: true,
                ..at
            },
            None => Place {
                holder: None,
                level: 0,
                names_parent: comment.reply_to.is_some(),
            },
        });
        index_of.insert(comment.number, index);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn replies_stand_under_their_parents_in_order() {
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
    fn a_missing_or_later_parent_and_a_circle_lose_nothing() {
        assert_eq!(arranged(&[(8, Some(2)), (9, Some(8))]), "8^(9)");
        assert_eq!(
            arranged(&[(1, Some(2)), (2, Some(1)), (3, Some(3))]),
            "1^(2) 3^"
        );
    }

    #[test]
    fn a_thousand_deep_is_drawn_flat() {
        let comments = (1..=1000)
            .map(|n| comment(n, (n > 1).then(|| n - 1)))
            .collect();
        let threads = Thread::arrange(comments);
        let page = threads[0].render().unwrap();
        assert_eq!(threads.len(), 1);
        assert_eq!(page.matches("<article").count(), 1000);
        assert_eq!(page.matches("<ol").count(), LEVELS - 1);
    }
}
