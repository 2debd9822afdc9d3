//! `Flag`: a report from another server, for the admin to read.

use super::{InboxError, received::handles};
use crate::{content::clean_name, federation::node::Context, protocol::Reference};
use serde_json::Value;

handles!(
    /// A report.
    Flag
);

const MAX_TEXT: usize = 2000;
const MAX_OBJECTS: usize = 20;

impl Flag {
    async fn check(&self, _: &Context) -> Result<(), InboxError> {
        match self.0.activity.object {
            Reference::Nothing => Err(InboxError::malformed("the report names nothing")),
            _ => Ok(()),
        }
    }

    async fn apply(&self, data: &Context) -> Result<(), InboxError> {
        let objects = self.objects();
        let mut tx = self.0.begin(data).await?;
        let mut concerns_us = false;
        for object in &objects {
            concerns_us |=
                data.urls().is_ours(object) || tx.comment_by_uri(object).await?.is_some();
        }
        let actor = &self.0.actor.row;
        if tx.rules_for(&actor.uri, &actor.host).await?.no_reports {
            return Err(InboxError::Dropped("report that is not wanted from there"));
        }
        if !concerns_us {
            return Err(InboxError::Dropped("report of nothing here"));
        }
        let reason = clean_name(self.0.activity.content.as_deref().unwrap_or(""), MAX_TEXT);
        let text = format!(
            "{} reported {}: {reason}",
            self.0.actor.handle(),
            objects.join(", ")
        );
        tx.add_notice(
            "report",
            &self.0.actor.row.uri,
            objects.first().map(String::as_str),
            &text,
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// All that is reported: Mastodon sends the actor and its posts in one list.
    fn objects(&self) -> Vec<String> {
        let ids = match self.0.activity.raw.get("object") {
            Some(Value::Array(list)) => list
                .iter()
                .take(MAX_OBJECTS)
                .filter_map(|entry| entry.as_str().or_else(|| entry.get("id")?.as_str()))
                .map(str::to_owned)
                .collect(),
            _ => self.0.activity.object.id().into_iter().collect::<Vec<_>>(),
        };
        ids.iter()
            .map(|id| crate::federation::fetch::shown(id))
            .collect()
    }
}
