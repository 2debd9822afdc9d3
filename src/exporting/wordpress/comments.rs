//! Comments of an item.

use super::{
    BATCH, Export,
    items::{approval, warning},
    xml::escaped,
};
use crate::{
    exporting::ExportError,
    store::{ExportedComment, ThreadedComment},
};
use std::collections::{HashMap, HashSet};

impl Export<'_> {
    pub(super) async fn comments_of(&mut self, article_id: i64) -> Result<(), ExportError> {
        let places = self.conn.threads_of(article_id).await?;
        let threads = Threads::new(&places, &mut self.last_comment);
        let mut last = 0;
        loop {
            let rows = self.conn.exported_comments(article_id, last, BATCH).await?;
            let Some(end) = rows.last() else {
                return Ok(());
            };
            last = end.number;
            for row in rows {
                if let (Some(approved), Some(id)) = (approval(row.state), threads.id(row.id)) {
                    // Here, visitors get a link to such a comment instead of its text.
                    let is_hidden = approved == "1" && row.is_hidden_from_visitors();
                    let approved = if is_hidden { "0" } else { approved };
                    self.comment(&row, (id, threads.parent(row.id)), approved)?;
                }
            }
        }
    }

    fn comment(
        &mut self,
        row: &ExportedComment,
        (id, parent): (u64, u64),
        approved: &str,
    ) -> Result<(), ExportError> {
        let (zone, with_private) = (self.zone, self.with_private);
        let mail = row.mail.as_deref().filter(|_| with_private);
        let site = row.author_url.as_deref().or(row.site.as_deref());
        let mut content = row
            .content_warning
            .as_deref()
            .map_or_else(String::new, warning);
        content.push_str(&row.content);
        self.report.comments += 1;
        self.write(|xml| {
            xml.raw("<wp:comment>\n")?;
            xml.plain("wp:comment_id", id)?;
            xml.text("wp:comment_author", &escaped(&row.author_name))?;
            xml.text("wp:comment_author_email", mail.unwrap_or_default())?;
            xml.text("wp:comment_author_url", site.unwrap_or_default())?;
            xml.text("wp:comment_author_IP", "")?;
            xml.times("wp:comment_date", row.published_at, zone)?;
            xml.text("wp:comment_content", &content)?;
            xml.text("wp:comment_approved", approved)?;
            xml.text("wp:comment_type", "comment")?;
            xml.plain("wp:comment_parent", parent)?;
            xml.plain("wp:comment_user_id", 0)?;
            // These are the names that WordPress's ActivityPub plugin uses.
            if row.is_remote {
                xml.meta("commentmeta", "protocol", "activitypub")?;
                xml.meta("commentmeta", "source_id", &row.uri)?;
                if let Some(url) = &row.url {
                    xml.meta("commentmeta", "source_url", url)?;
                }
            }
            xml.raw("</wp:comment>\n")
        })
    }
}

/// The threads of an article, with ids for WordPress. Its importer finds only parents with smaller ids, and a parent that
/// was fetched after the reply to it has a greater number here.
struct Threads {
    /// All comments, with their parents.
    above: HashMap<i64, Option<i64>>,
    ids: HashMap<i64, u64>,
}

impl Threads {
    /// Gives each comment that is exported an id above `last`.
    fn new(places: &[ThreadedComment], last: &mut u64) -> Threads {
        let above = places.iter().map(|place| (place.id, place.parent_id));
        let mut threads = Threads {
            above: above.collect(),
            ids: HashMap::new(),
        };
        let exported: HashSet<i64> = places
            .iter()
            .filter(|place| approval(place.state).is_some())
            .map(|place| place.id)
            .collect();
        let mut seen = HashSet::new();
        for place in places {
            // Ancestors come first. A comment that was seen ends the way up, also in a circle.
            let (mut way, mut next) = (Vec::new(), Some(place.id));
            while let Some(id) = next.filter(|id| seen.insert(*id)) {
                way.push(id);
                next = threads.above.get(&id).copied().flatten();
            }
            for id in way.into_iter().rev().filter(|id| exported.contains(id)) {
                *last += 1;
                threads.ids.insert(id, *last);
            }
        }
        threads
    }

    /// Returns the id of a comment; `None` if it is not exported.
    fn id(&self, comment: i64) -> Option<u64> {
        self.ids.get(&comment).copied()
    }

    /// Returns the id of the next comment above that is exported, or 0.
    fn parent(&self, comment: i64) -> u64 {
        let above = |id: &i64| self.above.get(id).copied().flatten();
        let ancestors = std::iter::successors(above(&comment), above);
        let mut ids = ancestors
            .take(self.above.len())
            .filter_map(|id| self.id(id));
        let own = self.id(comment).unwrap_or_default();
        ids.next().filter(|id| *id < own).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::CommentState::{self, Deleted, Visible};

    fn place(id: i64, parent: i64, state: CommentState) -> ThreadedComment {
        ThreadedComment {
            id,
            parent_id: (parent > 0).then_some(parent),
            state,
        }
    }

    #[test]
    fn replies_come_after_the_next_comment_above_that_is_exported() {
        // 1 replies to 5, which came later; 3 to the deleted 2, which replies to 1; 6 and 7 to each other.
        let places = [
            place(1, 5, Visible),
            place(2, 1, Deleted),
            place(3, 2, Visible),
            place(4, 99, Visible),
            place(5, 0, Visible),
            place(6, 7, Visible),
            place(7, 6, Visible),
        ];
        let mut last = 10;
        let threads = Threads::new(&places, &mut last);
        let ids: Vec<_> = (1..=7).map(|id| threads.id(id)).collect();
        let expected = [
            Some(12),
            None,
            Some(13),
            Some(14),
            Some(11),
            Some(16),
            Some(15),
        ];
        assert_eq!((ids, last), (expected.to_vec(), 16));
        let parents: Vec<_> = [1, 3, 4, 5, 6, 7].map(|id| threads.parent(id)).to_vec();
        assert_eq!(parents, [11, 12, 0, 0, 15, 0]);
    }
}
