//! Comments of an item.

use super::{BATCH, Export, items::approval};
use crate::{exporting::ExportError, store::ExportedComment};
use std::collections::HashMap;

impl Export<'_> {
    pub(super) async fn comments_of(&mut self, article_id: i64) -> Result<(), ExportError> {
        // Replies to a comment that is left out become replies to its parent.
        let mut parents: HashMap<i64, i64> = HashMap::new();
        let mut last = 0;
        loop {
            let rows = self.conn.exported_comments(article_id, last, BATCH).await?;
            let Some(end) = rows.last() else {
                return Ok(());
            };
            last = end.number;
            for row in rows {
                let parent = row.parent_id.and_then(|id| parents.get(&id)).copied();
                let parent = parent.unwrap_or_default();
                match approval(row.state) {
                    Some(approved) => {
                        parents.insert(row.id, row.id);
                        self.comment(&row, parent, approved)?;
                    }
                    None => {
                        parents.insert(row.id, parent);
                    }
                }
            }
        }
    }

    fn comment(
        &mut self,
        row: &ExportedComment,
        parent: i64,
        approved: &str,
    ) -> Result<(), ExportError> {
        let (zone, with_private) = (self.zone, self.with_private);
        let mail = row.mail.as_deref().filter(|_| with_private);
        let site = row.author_url.as_deref().or(row.site.as_deref());
        self.report.comments += 1;
        self.write(|xml| {
            xml.raw("<wp:comment>\n")?;
            xml.plain("wp:comment_id", row.id)?;
            xml.text("wp:comment_author", &row.author_name)?;
            xml.text("wp:comment_author_email", mail.unwrap_or_default())?;
            xml.text("wp:comment_author_url", site.unwrap_or_default())?;
            xml.text("wp:comment_author_IP", "")?;
            xml.times("wp:comment_date", row.published_at, zone)?;
            xml.text("wp:comment_content", &row.content)?;
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
