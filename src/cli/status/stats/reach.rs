//! How far an article came, in words and as JSON.

use crate::{
    cli::common::output::{self, counted},
    store::ArticleReach,
};
use serde_json::{Value, json};

/// Returns the number of servers that an activity was meant for; `None` if it is older than the counters.
pub(super) fn total(
    delivered: Option<i64>,
    waiting: i64,
    refused: i64,
    given_up: Option<i64>,
) -> Option<i64> {
    Some(delivered? + waiting + refused + given_up?)
}

/// Returns a sentence such as `delivered to 812 of 815 servers, 3 waiting`.
pub(super) fn servers(
    delivered: Option<i64>,
    waiting: i64,
    refused: i64,
    given_up: Option<i64>,
) -> String {
    let mut text = match (delivered, total(delivered, waiting, refused, given_up)) {
        (Some(_), Some(0)) => return "sent to no server: nobody followed".to_owned(),
        (Some(delivered), Some(total)) if delivered == total => {
            format!("delivered to {}", counted(index(total), "server"))
        }
        (Some(delivered), Some(total)) => {
            format!(
                "delivered to {delivered} of {}",
                counted(index(total), "server")
            )
        }
        _ => "sent before deliveries were counted".to_owned(),
    };
    for (number, what) in [
        (waiting, "waiting"),
        (refused, "refused"),
        (given_up.unwrap_or(0), "given up"),
    ] {
        if number > 0 {
            text += &format!(", {number} {what}");
        }
    }
    text
}

/// Returns the reach of an article in one sentence.
pub(in crate::cli::status) fn sentence(article: &ArticleReach) -> String {
    format!("{}; {}", sent(article), reactions(article))
}

/// Returns how many servers got an article.
pub(in crate::cli::status) fn sent(article: &ArticleReach) -> String {
    if article.is_sent {
        servers(
            article.delivered,
            article.waiting,
            article.refused,
            article.given_up,
        )
    } else {
        "not sent to other servers".to_owned()
    }
}

/// Returns what readers did with an article.
pub(in crate::cli::status) fn reactions(article: &ArticleReach) -> String {
    let parts = [
        (article.replies, replies(article.replies)),
        (article.likes, counted(index(article.likes), "like")),
        (article.boosts, counted(index(article.boosts), "boost")),
        (article.quotes, counted(index(article.quotes), "quote")),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(_, text)| text)
        .collect();
    if parts.is_empty() {
        "no reactions yet".to_owned()
    } else {
        parts.join(", ")
    }
}

fn replies(count: i64) -> String {
    match count {
        1 => "1 reply".to_owned(),
        count => format!("{count} replies"),
    }
}

/// Returns an article with its numbers as JSON. Numbers that are not known are null.
pub(in crate::cli::status) fn to_json(article: &ArticleReach) -> Value {
    let all = total(
        article.delivered,
        article.waiting,
        article.refused,
        article.given_up,
    );
    json!({
        "slug": article.slug,
        "title": article.title,
        "published": output::timestamp(article.published_at),
        "sent": article.is_sent,
        "servers": all,
        "delivered": article.delivered,
        "waiting": article.waiting,
        "refused": article.refused,
        "given_up": article.given_up,
        "replies": article.replies,
        "likes": article.likes,
        "boosts": article.boosts,
        "quotes": article.quotes,
    })
}

fn index(number: i64) -> usize {
    usize::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reach_is_a_sentence() {
        assert_eq!(
            servers(Some(812), 3, 0, Some(0)),
            "delivered to 812 of 815 servers, 3 waiting"
        );
        assert_eq!(servers(Some(1), 0, 0, Some(0)), "delivered to 1 server");
        assert_eq!(
            servers(Some(0), 0, 2, Some(1)),
            "delivered to 0 of 3 servers, 2 refused, 1 given up"
        );
        assert_eq!(
            servers(None, 2, 0, None),
            "sent before deliveries were counted, 2 waiting"
        );
    }
}
