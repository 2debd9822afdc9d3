//! The points for facts about a comment's author, text and host.

use super::{Author, CommentText, Reason};
use crate::{
    config::Config,
    store::{self, AuthorFacts, LearnedWord, RemoteActorRow},
};

/// How long after they were first seen an actor counts as new, in milliseconds.
const NEW_FOR: i64 = 24 * 60 * 60 * 1000;
const NEW: i64 = 10;
const NO_FOLLOWERS: i64 = 5;
const FOLLOWS: i64 = -10;
const APPROVED: i64 = -40;
/// The points for each earlier comment of the author that was spam, and their maximum.
const WAS_SPAM: i64 = 60;
const MOST_WAS_SPAM: i64 = 120;

/// The number of links without points, the points for each further link, and their maximum.
const FREE_LINKS: usize = 2;
const LINK: i64 = 10;
const MOST_LINKS: i64 = 50;
/// The number of mentions and hashtags without points.
const FREE_NAMES: usize = 8;

/// The points for each other author of the same text, and their maximum.
const SAME_TEXT: i64 = 30;
const MOST_SAME_TEXT: i64 = 150;

/// The minimum number of decisions about a host's comments, and the maximum points for a bad and a good host.
const LEAST_DECISIONS: i64 = 3;
const BAD_HOST: i64 = 80;
const GOOD_HOST: i64 = -10;

const NO_MAIL: i64 = 5;
const UNKNOWN_GUEST: i64 = 5;

/// Returns the reasons that concern the author.
pub(super) fn of_author(
    author: &Author<'_>,
    facts: &AuthorFacts,
    config: &Config,
    comment_text: &CommentText,
) -> Vec<Reason> {
    match author {
        Author::Remote(row) => of_actor(row, facts),
        Author::Guest { mail, .. } => of_guest(mail.is_some(), config, comment_text),
    }
}

fn of_actor(row: &RemoteActorRow, facts: &AuthorFacts) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if row.first_seen_at > store::now() - NEW_FOR {
        reasons.push(Reason::new(NEW, "first seen less than a day ago"));
    }
    if row.followers.is_none() {
        reasons.push(Reason::new(NO_FOLLOWERS, "no followers are known"));
    }
    if facts.follows {
        reasons.push(Reason::new(FOLLOWS, "follows this site"));
    }
    if facts.approved > 0 {
        let what = counted(facts.approved, "comment of theirs was approved");
        reasons.push(Reason::new(APPROVED, what));
    }
    if facts.spam > 0 {
        let points = facts.spam.saturating_mul(WAS_SPAM).min(MOST_WAS_SPAM);
        let what = counted(facts.spam, "comment of theirs was spam");
        reasons.push(Reason::new(points, what));
    }
    reasons
}

/// Formats "1 comment of theirs was spam" or "2 comments of theirs were spam".
fn counted(count: i64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => {
            let what = what
                .replace("comment ", "comments ")
                .replace(" was ", " were ");
            format!("{count} {what}")
        }
    }
}

fn of_guest(has_mail: bool, config: &Config, comment_text: &CommentText) -> Vec<Reason> {
    let mut reasons = vec![Reason::new(UNKNOWN_GUEST, "a reader without an account")];
    if !has_mail {
        reasons.push(Reason::new(NO_MAIL, "no mail address"));
    }
    let limit = config.comments.links;
    if comment_text.links.len() > limit {
        let what = format!(
            "{} links, where readers may have {limit}",
            comment_text.links.len()
        );
        reasons.push(Reason::new(config.spam.hold, what));
    }
    reasons
}

/// Returns the reasons that concern the text.
pub(super) fn of_text(comment_text: &CommentText, facts: &AuthorFacts) -> Vec<Reason> {
    let over = |count: usize, free: usize| {
        let more = i64::try_from(count.saturating_sub(free)).unwrap_or(i64::MAX);
        more.saturating_mul(LINK).min(MOST_LINKS)
    };
    let mut reasons = Vec::new();
    let links = comment_text.links.len();
    if links > FREE_LINKS {
        reasons.push(Reason::new(
            over(links, FREE_LINKS),
            format!("{links} links"),
        ));
    }
    let names = comment_text.names;
    if names > FREE_NAMES {
        let what = format!("{names} people and topics named");
        reasons.push(Reason::new(over(names, FREE_NAMES), what));
    }
    if facts.same_authors > 0 {
        let points = facts
            .same_authors
            .saturating_mul(SAME_TEXT)
            .min(MOST_SAME_TEXT);
        let what = format!(
            "the same text by {} others on {} hosts",
            facts.same_authors, facts.same_hosts
        );
        reasons.push(Reason::new(points, what));
    }
    reasons
}

/// Returns the reason given by the admin's earlier decisions about comments from a host.
pub(super) fn of_host(host: &str, learned: &[LearnedWord]) -> Option<Reason> {
    let about = learned
        .iter()
        .find(|word| word.word.strip_prefix('@') == Some(host))?;
    let decided = about.ham + about.spam;
    if decided < LEAST_DECISIONS {
        return None;
    }
    if about.spam == 0 {
        let what = format!("{} comments from {host} were approved", about.ham);
        return Some(Reason::new(GOOD_HOST, what));
    }
    // Two neutral decisions are added, so that a few comments do not condemn a host.
    let points = BAD_HOST * about.spam / (decided + 2);
    let what = format!(
        "of {decided} comments from {host}, {} were spam",
        about.spam
    );
    (2 * about.spam >= decided).then(|| Reason::new(points, what))
}
