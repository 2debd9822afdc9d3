//! The order of comments under an article: by date, each after its parent.

use crate::importing::{
    model::{ImportedComment, Located},
    prepare::Ready,
};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

/// A comment with the id of its article.
pub(super) type Placed = (Located<Ready<ImportedComment>>, i64);

/// The mark of a comment that was not visited.
const UNSEEN: usize = usize::MAX;

/// Sorts comments by article and date, those without a date last. A reply comes after its parent, even if its date is
/// earlier. Replies in a circle follow their dates.
pub(super) fn in_order(mut comments: Vec<Placed>) -> Vec<Placed> {
    comments.sort_by_key(|(located, article)| {
        let time = located.value.item.published_at;
        (*article, time.unwrap_or(i64::MAX))
    });
    let mut replies: Vec<Vec<usize>> = vec![Vec::new(); comments.len()];
    let mut ready = BinaryHeap::new();
    for (at, parent) in parents_of(&comments).into_iter().enumerate() {
        match parent {
            Some(parent) => replies[parent].push(at),
            None => ready.push(Reverse(at)),
        }
    }
    let mut order = Vec::with_capacity(comments.len());
    while let Some(Reverse(at)) = ready.pop() {
        order.push(at);
        ready.extend(replies[at].drain(..).map(Reverse));
    }
    let mut comments: Vec<Option<Placed>> = comments.into_iter().map(Some).collect();
    let ordered = order.into_iter().filter_map(|at| comments[at].take());
    ordered.collect()
}

/// Returns the position of each comment's parent, if it is among them and under the same article. The first comment of a
/// circle has none.
fn parents_of(comments: &[Placed]) -> Vec<Option<usize>> {
    let keys = comments.iter().enumerate();
    let positions: HashMap<&str, usize> = keys
        .map(|(at, (located, _))| (located.value.item.key.as_str(), at))
        .collect();
    let mut parents: Vec<Option<usize>> = comments
        .iter()
        .map(|(located, article)| {
            let at = *positions.get(located.value.item.parent.as_deref()?)?;
            (comments[at].1 == *article).then_some(at)
        })
        .collect();
    let mut seen_from = vec![UNSEEN; comments.len()];
    for start in 0..comments.len() {
        let mut next = Some(start);
        while let Some(at) = next.filter(|at| seen_from[*at] == UNSEEN) {
            seen_from[at] = start;
            next = parents[at];
        }
        if let Some(met) = next.filter(|at| seen_from[*at] == start) {
            let first = first_of_circle(met, &parents);
            parents[first] = None;
        }
    }
    parents
}

/// Returns the first comment of the circle in which a comment is.
fn first_of_circle(member: usize, parents: &[Option<usize>]) -> usize {
    let mut first = member;
    let mut next = parents[member];
    while let Some(at) = next.filter(|at| *at != member) {
        first = first.min(at);
        next = parents[at];
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::importing::model::Place;

    fn placed(key: &str, parent: &str, time: Option<i64>, article: i64) -> Placed {
        let item = ImportedComment {
            key: key.to_owned(),
            parent: (!parent.is_empty()).then(|| parent.to_owned()),
            published_at: time,
            ..ImportedComment::default()
        };
        let value = Ready {
            item,
            text: String::new(),
            hash: String::new(),
            warnings: Vec::new(),
        };
        let place = Place::default();
        (Located { place, value }, article)
    }

    #[test]
    fn replies_follow_their_parents_and_all_else_the_dates() {
        let comments = vec![
            placed("undated", "", None, 1),
            placed("early reply", "parent", Some(1), 1),
            placed("of another article", "parent", Some(9), 2),
            placed("parent", "", Some(5), 1),
            placed("reply to a reply", "early reply", Some(2), 1),
            placed("circle 2", "circle 1", Some(4), 1),
            placed("circle 1", "circle 2", Some(3), 1),
            placed("itself", "itself", Some(6), 1),
            placed("lost", "nobody", Some(7), 1),
        ];
        let ordered: Vec<String> = in_order(comments)
            .into_iter()
            .map(|(located, _)| located.value.item.key)
            .collect();
        assert_eq!(
            ordered,
            [
                "circle 1",
                "circle 2",
                "parent",
                "early reply",
                "reply to a reply",
                "itself",
                "lost",
                "undated",
                "of another article",
            ]
        );
    }
}
