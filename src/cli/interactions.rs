//! `pamphlet like`, `boost`, `follow`, `report` and the like: what the publication does to posts and actors
//! of other servers, and `undo`, which takes it back.

use super::{
    Options,
    output::{self, Format, Page},
    posts,
};
use crate::{
    content::Handle,
    federation::{
        outbox,
        remote::{
            remote_posts::{self, Remote},
            signed_client::federation_config,
            webfinger,
        },
    },
    node::{Context, Inner, Node},
    store::{ChangeKind, Followed, Interaction, InteractionKind, Note, RemoteActorRow, Tx},
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;

#[derive(Debug, Args)]
pub struct OnPost {
    /// A post of another server: its page or its id.
    #[arg(value_name = "URL")]
    url: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub struct OnActor {
    /// A handle (@user@example.org) or an actor's address (https://...).
    #[arg(value_name = "HANDLE|URL")]
    who: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub struct Report {
    /// A post's address, or an actor's handle or address.
    #[arg(value_name = "URL|HANDLE")]
    what: String,
    /// Why, for the moderators of the other server.
    why: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub struct Undo {
    /// As it was printed (note-3, like-5), or the address of the note, the liked or boosted post, or the
    /// followed actor.
    #[arg(value_name = "ID|URL")]
    what: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub struct Following {
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    format: Format,
}

impl OnPost {
    /// Likes or boosts it.
    pub async fn run(self, options: &Options, kind: InteractionKind) -> Result<()> {
        let node = options.node().await?;
        let data = context(&node).await?;
        let post = remote_posts::post(&self.url, &data).await?;
        if !post.is_public {
            bail!("{} is not public", self.url);
        }
        let author = node.site_id();
        let added = add(&node, kind, author, &post.uri, &post.author, "").await?;
        node.store.close().await;
        report(kind, added, &post.uri, &self.format)
    }
}

impl OnActor {
    pub async fn follow(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let data = context(&node).await?;
        let actor = webfinger::actor(&self.who, &data).await?;
        let kind = InteractionKind::Follow;
        let added = add(&node, kind, node.site_id(), &actor.row.uri, &actor.row, "").await?;
        node.store.close().await;
        report(kind, added, &actor.row.uri, &self.format)
    }

    pub async fn unfollow(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let uri = actor_uri(&self.who, &node).await?;
        let mut tx = node.store.begin().await?;
        let standing = tx.interactions_with(&uri).await?;
        let follow = standing
            .iter()
            .find(|row| row.kind == InteractionKind::Follow);
        let Some(follow) = follow else {
            bail!(
                "{} is not followed: `pamphlet following` shows who is",
                self.who
            );
        };
        undo_interaction(&mut tx, follow).await?;
        tx.commit().await?;
        node.store.close().await;
        say_undone(&name_of(follow), &uri, &self.format)
    }
}

impl Report {
    pub async fn run(self, options: &Options) -> Result<()> {
        if self.why.trim().is_empty() {
            bail!("say why: the moderators of the other server read it");
        }
        let node = options.node().await?;
        let data = context(&node).await?;
        let (uri, actor) = match remote_posts::find(&self.what, &data).await? {
            Remote::Actor(actor) => (actor.uri.clone(), actor),
            Remote::Post(post) => (post.uri, post.author),
        };
        // By the instance, as other servers do: who reports is nobody's business there.
        let author = node.instance().await?.row.id;
        let kind = InteractionKind::Report;
        let added = add(&node, kind, author, &uri, &actor, self.why.trim()).await?;
        node.store.close().await;
        report(kind, added, &uri, &self.format)
    }
}

impl Following {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let mut conn = node.store.read().await?;
        let rows = conn
            .following(node.site_id(), false, self.page.before(), self.page.limit)
            .await?;
        let handle = |row: &Followed| Inner::remote_handle(&row.username, &row.handle_host);
        if self.format.json {
            let list: Vec<_> = rows
                .iter()
                .map(|row| {
                    json!({"id": format!("follow-{}", row.id), "actor": row.uri, "handle": handle(row),
                        "name": row.name, "state": state_of(row), "since": output::timestamp(row.created_at)})
                })
                .collect();
            return output::json(&list);
        }
        let line = |row: &Followed| {
            vec![
                row.id.to_string(),
                output::time(row.created_at),
                handle(row),
                output::one_line(&row.name, 40),
                state_of(row).to_owned(),
            ]
        };
        output::table(
            &["ID", "SINCE", "HANDLE", "NAME", "STATE"],
            &rows.iter().map(line).collect::<Vec<_>>(),
            "Nobody yet: `pamphlet follow @user@example.org` asks to.",
        )
    }
}

fn state_of(row: &Followed) -> &str {
    match row.state.as_str() {
        "waiting" | "sent" => "asked",
        other => other,
    }
}

/// For what is fetched; it needs a node's keys, but none that runs.
async fn context(node: &Node) -> Result<Context> {
    Ok(federation_config(&node).await?.to_request_data())
}

/// The row of a new interaction; `None` if it stands already.
async fn add(
    node: &Node,
    kind: InteractionKind,
    author: i64,
    uri: &str,
    actor: &RemoteActorRow,
    text: &str,
) -> Result<Option<i64>> {
    let mut tx = node.store.begin().await?;
    let added = tx
        .add_interaction(kind, author, uri, actor.id, text)
        .await?;
    if let Some(id) = added {
        tx.add_change(ChangeKind::Interaction, &id.to_string())
            .await?;
    }
    tx.commit().await?;
    Ok(added)
}

fn report(kind: InteractionKind, added: Option<i64>, uri: &str, format: &Format) -> Result<()> {
    let (done, again) = match kind {
        InteractionKind::Like => ("Liked", "liked"),
        InteractionKind::Boost => ("Boosted", "boosted"),
        InteractionKind::Follow => ("Asked to follow", "followed, or asked to be,"),
        InteractionKind::Report => ("Reported", "reported"),
    };
    let Some(id) = added else {
        bail!("{uri} is {again} already");
    };
    let id = format!("{}-{id}", kind.as_str());
    match format.json {
        true => output::json(&json!({"id": id, "object": uri})),
        false if kind == InteractionKind::Report => output::line(&format!("{done}: {uri}")),
        false => output::line(&format!(
            "{done}: {uri}\n\nTake it back with `pamphlet undo {id}`."
        )),
    }
}

/// What `undo` takes back.
enum Undone {
    Note(Note),
    Interaction(Interaction),
}

impl Undo {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let mut found = self.find(&node, &self.what).await?;
        if found.is_none() && self.what.contains(['/', '@']) {
            // A page of a post whose id is another, perhaps.
            let data = context(&node).await?;
            if let Ok(Remote::Post(post)) = remote_posts::find(&self.what, &data).await {
                found = self.find(&node, &post.uri).await?;
            }
        }
        let Some(found) = found else {
            bail!("there is nothing to undo at {}", self.what);
        };
        let mut tx = node.store.begin().await?;
        let (name, uri) = match &found {
            Undone::Note(note) => {
                undo_note(&mut tx, note).await?;
                (format!("note-{}", note.id), node.urls().note(&note.uid))
            }
            Undone::Interaction(row) => {
                undo_interaction(&mut tx, row).await?;
                (name_of(row), row.object_uri.clone())
            }
        };
        tx.commit().await?;
        if let Undone::Note(note) = &found {
            let picture = note.image_url.as_deref().unwrap_or_default();
            posts::release(&node, &[picture, &note.markdown]).await?;
        }
        node.store.close().await;
        say_undone(&name, &uri, &self.format)
    }

    async fn find(&self, node: &Node, what: &str) -> Result<Option<Undone>> {
        let mut conn = node.store.read().await?;
        if let Some((kind, number)) = what.split_once('-')
            && let Ok(number) = number.parse::<i64>()
        {
            return Ok(match kind {
                "note" => conn.note_by_id(number).await?.map(Undone::Note),
                _ => conn
                    .interaction(number)
                    .await?
                    .filter(|row| row.kind.as_str() == kind)
                    .map(Undone::Interaction),
            });
        }
        if let Some(uid) = node.urls().note_uid(what) {
            return Ok(conn.note_by_uid(&uid).await?.map(Undone::Note));
        }
        let uri = match conn.comment_by_uri(what).await? {
            Some(comment) => comment.uri,
            None if what.contains("://") => what.to_owned(),
            None => {
                drop(conn);
                let uri = actor_uri(what, node).await?;
                conn = node.store.read().await?;
                uri
            }
        };
        let mut standing = conn.interactions_with(&uri).await?;
        if standing.len() > 1 {
            let names: Vec<String> = standing.iter().map(name_of).collect();
            bail!(
                "there are several things to undo, name one: {}",
                names.join(", ")
            );
        }
        Ok(standing.pop().map(Undone::Interaction))
    }
}

/// An actor's id; of a known handle without asking anybody.
async fn actor_uri(who: &str, node: &Node) -> Result<String> {
    let mut conn = node.store.read().await?;
    let known = match who.parse::<Handle>() {
        Ok(handle) => {
            let host = handle.host().to_string();
            conn.remote_actor_by_handle(handle.user(), &host).await?
        }
        Err(_) => conn.remote_actor(who).await?,
    };
    drop(conn);
    match known {
        Some(row) => Ok(row.uri),
        None => Ok(webfinger::actor(who, &context(node).await?).await?.row.uri),
    }
}

fn name_of(row: &Interaction) -> String {
    format!("{}-{}", row.kind.as_str(), row.id)
}

pub(super) async fn undo_note(tx: &mut Tx, note: &Note) -> Result<()> {
    match note.state.as_str() {
        // Nobody heard of it.
        "waiting" => tx.set_note_state(note.id, "gone").await?,
        "live" => {
            tx.set_note_state(note.id, "withdrawn").await?;
            tx.add_change(ChangeKind::Note, &note.uid).await?;
        }
        _ => bail!("note-{} is taken back already", note.id),
    }
    Ok(())
}

async fn undo_interaction(tx: &mut Tx, row: &Interaction) -> Result<()> {
    if row.kind == InteractionKind::Report {
        bail!("a report can't be taken back: write to the moderators of the other server");
    }
    if !outbox::take_back(tx, row).await? {
        bail!("{} is taken back already", name_of(row));
    }
    Ok(())
}

fn say_undone(name: &str, uri: &str, format: &Format) -> Result<()> {
    match format.json {
        true => output::json(&json!({"id": name, "object": uri, "undone": true})),
        false => output::line(&format!("Taken back: {name}, {uri}")),
    }
}
