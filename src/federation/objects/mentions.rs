//! Mentions and hashtags in local texts, and the actors and pages that they refer to.

use super::pictures::MediaRows;
use crate::{
    content::{
        Handle,
        markdown::{self, MentionLinks},
    },
    federation::remote::webfinger,
    node::{Context, Node, NodeError, urls::link_or_id},
    protocol::OutgoingTag,
    store::{ActorKind, Article, Conn, RemoteActorRow, StoreError},
};
use tokio::task::JoinSet;

/// The maximum number of unknown handles that are looked up for one text.
const MAX_LOOKUPS: usize = 20;

/// The resolved mentions and hashtags of a text, and its media files.
#[derive(Debug, Clone, Default)]
pub struct References {
    pub links: MentionLinks,
    /// A `Mention` for each mentioned actor.
    pub mentions: Vec<OutgoingTag>,
    pub hashtags: Vec<OutgoingTag>,
    /// The mentioned remote actors.
    pub actors: Vec<RemoteActorRow>,
    /// The media files of a post.
    pub media: MediaRows,
}

impl References {
    /// Resolves the names in the text of an article, and reads the rows of its media files.
    pub async fn of_article(
        node: &Node,
        conn: &mut Conn,
        article: &Article,
    ) -> Result<References, NodeError> {
        let mut linked = Self::of(node, conn, &article.markdown).await?;
        linked.media = MediaRows::of_articles(conn, std::slice::from_ref(article)).await?;
        Ok(linked)
    }

    /// Resolves the names in a text. Handles that are unknown to the database or blocked stay plain text.
    pub async fn of(node: &Node, conn: &mut Conn, text: &str) -> Result<References, NodeError> {
        let names = markdown::mentions(text);
        let mut linked = References::default();
        for tag in names.hashtags {
            let href = node.urls().tag(&tag);
            linked.links.add_hashtag(&tag, &href);
            linked.hashtags.extend(hashtag(&tag, href));
        }
        if names.handles.is_empty() {
            return Ok(linked);
        }
        let keys: Vec<String> = names.handles.iter().map(key).collect();
        let known = conn.remote_actors_by_handles(&keys).await?;
        for handle in &names.handles {
            if webfinger::is_ours(handle, node) {
                linked.mention_local(node, conn, handle).await?;
            } else if let Some(row) = known.iter().rfind(|row| key_of(row) == key(handle)) {
                linked.mention(node, conn, handle, row).await?;
            }
        }
        Ok(linked)
    }

    /// Returns the ids of the mentioned actors.
    pub fn audience(&self) -> impl Iterator<Item = String> {
        self.mentions.iter().map(|mention| mention.href.clone())
    }

    /// Adds a mention of an actor, whether the text has it or not.
    pub fn add(&mut self, row: &RemoteActorRow) {
        if self.actors.iter().all(|known| known.id != row.id) {
            let handle = crate::node::Inner::remote_handle(&row.username, &row.handle_host);
            self.mentions.push(mention(&row.uri, handle));
            self.actors.push(row.clone());
        }
    }

    async fn mention(
        &mut self,
        node: &Node,
        conn: &mut Conn,
        handle: &Handle,
        row: &RemoteActorRow,
    ) -> Result<(), StoreError> {
        let host = handle.host().to_string();
        let is_out = node.is_blocked(conn, &row.uri, &row.host).await?
            || node.is_blocked(conn, "", &host).await?;
        if !is_out {
            let page = link_or_id(row.url.as_deref(), &row.uri);
            self.links.add_mention(handle, &page);
            self.add(row);
        }
        Ok(())
    }

    async fn mention_local(
        &mut self,
        node: &Node,
        conn: &mut Conn,
        handle: &Handle,
    ) -> Result<(), NodeError> {
        let name = handle.user().to_lowercase();
        let found = node.local_actors.find_by_handle(conn, &name).await?;
        if let Some(local) = found.filter(|local| local.row.kind != ActorKind::Instance) {
            let page = node.urls().profile(local.row.kind, &local.row.username);
            self.links.add_mention(handle, &page);
            self.mentions
                .push(mention(&local.uri, node.handle(&local.row)));
        }
        Ok(())
    }
}

fn mention(href: &str, name: String) -> OutgoingTag {
    OutgoingTag {
        kind: "Mention",
        href: href.to_owned(),
        name,
    }
}

/// Returns the hashtag of a tag, or `None` if the tag is no whole hashtag.
pub fn hashtag(tag: &str, href: String) -> Option<OutgoingTag> {
    let name = crate::content::hashtag::from_tag(tag)?;
    Some(OutgoingTag {
        kind: "Hashtag",
        href,
        name: format!("#{name}"),
    })
}

fn key(handle: &Handle) -> String {
    format!("{}@{}", handle.user().to_lowercase(), handle.host())
}

fn key_of(row: &RemoteActorRow) -> String {
    format!("{}@{}", row.username.to_lowercase(), row.handle_host)
}

/// Looks up the unknown handles in some texts concurrently. Each lookup takes no longer than the timeout of a fetch. A
/// handle that can't be resolved stays plain text.
pub async fn resolve_unknown(texts: &[String], ctx: &Context) -> Result<(), StoreError> {
    let mut unknown: Vec<Handle> = Vec::new();
    for text in texts {
        let handles = markdown::mentions(text).handles;
        let keys: Vec<String> = handles.iter().map(key).collect();
        if keys.is_empty() {
            continue;
        }
        let mut conn = ctx.store.read().await?;
        let known = conn.remote_actors_by_handles(&keys).await?;
        let is_known = |handle: &Handle| known.iter().any(|row| key_of(row) == key(handle));
        unknown.extend(
            handles
                .into_iter()
                .filter(|handle| !is_known(handle) && !webfinger::is_ours(handle, ctx))
                .take(MAX_LOOKUPS),
        );
    }
    let mut lookups = JoinSet::new();
    for handle in unknown {
        if ctx.handle_lookups.failed_lately(&handle).await {
            continue;
        }
        let ctx = ctx.reset_request_count();
        lookups.spawn(async move {
            if let Err(error) = webfinger::resolve(&handle, &ctx).await {
                tracing::warn!(%handle, %error, "a mentioned handle could not be resolved");
            }
        });
    }
    while lookups.join_next().await.is_some() {}
    Ok(())
}
