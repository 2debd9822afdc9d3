//! Comments and reactions that came from the fediverse, and their authors.

use super::Importer;
use crate::{
    content::Handle,
    importing::{
        ImportError,
        model::{
            ImportedComment, ImportedCommentKind, ImportedCommentState, Located, RemoteOrigin,
        },
        prepare::{Ready, is_web_address},
        report::Fate,
    },
    store::{ImportKind, ImportRecord, NewReaction, NewRemoteActor, ReactionKind, Tx, new_row_id},
};
use url::Url;

impl Importer<'_> {
    /// Returns where a comment came from, if that is another server.
    pub(super) fn origin_of<'c>(&self, comment: &'c ImportedComment) -> Option<&'c RemoteOrigin> {
        let origin = comment.remote.as_ref()?;
        let is_elsewhere = is_web_address(&origin.uri)
            && Url::parse(&origin.uri)
                .is_ok_and(|url| url.host_str() != self.node.urls().base().host_str());
        is_elsewhere.then_some(origin)
    }

    /// Returns the row of a remote actor, if its id is known. One that is not stored gets a row with few properties, as old
    /// as possible, so that it is fetched when it is needed. Nothing is fetched during an import.
    pub(super) async fn actor_of(
        &mut self,
        tx: &mut Tx,
        origin: &RemoteOrigin,
        name: &str,
    ) -> Result<Option<i64>, ImportError> {
        let Some(uri) = origin.actor.as_deref().filter(|uri| is_web_address(uri)) else {
            return Ok(None);
        };
        let host = Url::parse(uri)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned));
        let own = self.node.urls().base().host_str().map(str::to_owned);
        let Some(host) = host.filter(|host| Some(host) != own.as_ref()) else {
            return Ok(None);
        };
        if let Some(known) = tx.remote_actor(uri).await? {
            return Ok(Some(known.id));
        }
        if self.options.is_dry_run {
            return Ok(Some(self.index.fake_id()));
        }
        let handle = handle_of(origin);
        let last = uri
            .rsplit('/')
            .find(|part| !part.is_empty())
            .unwrap_or("unknown");
        let id = new_row_id();
        let actor = NewRemoteActor {
            uri: uri.to_owned(),
            kind: "Person".to_owned(),
            username: handle
                .as_ref()
                .map_or(last.trim_start_matches('@'), Handle::user)
                .to_owned(),
            handle_host: handle.map_or_else(|| host.clone(), |handle| handle.host().to_string()),
            name: name.to_owned(),
            url: None,
            icon_url: None,
            inbox: format!("{uri}/inbox"),
            shared_inbox: None,
            followers: None,
            aliases: "[]".to_owned(),
            moved_to: None,
            emoji: None,
            hidden_before: None,
            hidden_after: None,
            keys: Vec::new(),
            host,
        };
        Ok(tx.add_remote_actor(id, 0, &actor).await?.then_some(id))
    }

    pub(super) async fn store_reaction(
        &mut self,
        tx: &mut Tx,
        located: &Located<Ready<ImportedComment>>,
        article_id: i64,
        kind: ReactionKind,
    ) -> Result<Option<Fate>, ImportError> {
        let comment = &located.value.item;
        let actor = match self.origin_of(comment).cloned() {
            Some(origin) => self
                .actor_of(tx, &origin, &comment.author_name)
                .await?
                .zip(Some(origin)),
            None => None,
        };
        let Some((actor, origin)) = actor else {
            self.warn(
                &located.place,
                "the source does not say whose reaction it is: it is left out",
            );
            return Ok(None);
        };
        if comment.state != ImportedCommentState::Visible {
            self.warn(
                &located.place,
                "the other site did not show this reaction: it is left out",
            );
            return Ok(None);
        }
        if !self.options.is_dry_run {
            tx.add_reaction(&NewReaction {
                actor_id: actor,
                article_id,
                comment_id: None,
                kind,
                emoji: String::new(),
                picture: None,
                uri: origin.uri.clone(),
            })
            .await?;
        }
        self.index.note(ImportRecord {
            kind: ImportKind::Reaction,
            key: comment.key.clone(),
            ref_id: article_id,
            source_hash: located.value.hash.clone(),
            stored_hash: String::new(),
            is_open: false,
            address: None,
        });
        Ok(Some(Fate::Added))
    }
}

/// Returns the kind of a reaction; `None` for a comment.
pub(super) fn reaction_of(kind: ImportedCommentKind) -> Option<ReactionKind> {
    match kind {
        ImportedCommentKind::Like => Some(ReactionKind::Like),
        ImportedCommentKind::Boost => Some(ReactionKind::Boost),
        ImportedCommentKind::Comment | ImportedCommentKind::Ping | ImportedCommentKind::Quote => {
            None
        }
    }
}

/// Returns the handle of a comment's author.
pub(super) fn handle_of(origin: &RemoteOrigin) -> Option<Handle> {
    origin.handle.as_deref()?.trim().parse().ok()
}
