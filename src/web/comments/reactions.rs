//! Counts of reactions.

use crate::{
    content::{Html, is_emoji},
    store::{ReactionCount, ReactionKind},
    web::{
        app::App,
        media_proxy::urls,
        views::{Link, Reactions},
    },
};
use std::collections::HashMap;

/// Groups counts by the id of the comment; 0 is the article itself.
pub(super) fn by_comment(counts: Vec<ReactionCount>) -> HashMap<i64, Vec<ReactionCount>> {
    let mut sorted: HashMap<i64, Vec<ReactionCount>> = HashMap::new();
    for count in counts {
        sorted.entry(count.comment_id).or_default().push(count);
    }
    sorted
}

/// Sums up the counts of an article or comment. Dislikes are not shown. `who` is the page that lists who reacted.
pub(super) fn summarize(app: &App, counts: Vec<ReactionCount>, who: &str) -> Reactions {
    let mut reactions = Reactions::default();
    for count in counts {
        let number = count.count.unsigned_abs();
        match count.kind {
            ReactionKind::Like => reactions.likes += number,
            ReactionKind::Boost => reactions.boosts += number,
            ReactionKind::Quote => reactions.quotes += number,
            ReactionKind::Emoji if count.is_rest => reactions.others += number,
            ReactionKind::Emoji if !is_displayable(&count.emoji) => reactions.likes += number,
            ReactionKind::Emoji => reactions.emoji.push((emoji_of(app, &count), number)),
            ReactionKind::Dislike => continue,
        }
        reactions.who = Link::parse(who);
    }
    reactions
}

/// Returns whether a stored reaction is an emoji or the name of a custom emoji. Older versions stored other texts too.
pub(crate) fn is_displayable(emoji: &str) -> bool {
    is_emoji(emoji) || (emoji.len() > 2 && emoji.starts_with(':') && emoji.ends_with(':'))
}

fn emoji_of(app: &App, count: &ReactionCount) -> Html {
    let url = count.emoji_url.as_deref();
    urls::reaction(&app.node.tokens, count.id, url, &count.emoji)
}
