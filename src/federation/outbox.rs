//! From the change log to activities: what was written into the database is told to the fediverse.
//!
//! Each change is handled in one transaction with what it causes, so that a crash at any point neither
//! loses nor repeats anything. What was last told of an article decides between Create, Update,
//! Delete and nothing.

use super::{
    Node, NodeError, documents,
    locals::{self, Local},
    posts::{self, Writer, timestamp},
    urls::permalink_path,
};
use crate::{
    content::Federate,
    protocol::{self, ActivityOut, PUBLIC, Post},
    store::{self, ActorKind, Article, Change, ChangeKind, NewActivity, Publication, Tx},
};
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// Changes handled in one transaction.
const BATCH: i64 = 16;
/// Longest sleep between two looks, should a signal be missed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Handles changes as they come, until `stop`.
pub async fn run(node: Node, stop: CancellationToken) {
    if let Err(error) = tell_of_site(&node).await {
        tracing::warn!(%error, "followers could not be told of the site's new name or description");
    }
    while !stop.is_cancelled() {
        let wake = node.store.woken();
        let woken = wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        match step(&node).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(%error, "the change log could not be handled, trying again");
                pause(Duration::from_secs(1), &stop).await;
                continue;
            }
        }
        let sleep = until_next(&node).await;
        tokio::select! {
            () = &mut woken => {}
            () = tokio::time::sleep(sleep) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn pause(time: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = stop.cancelled() => {}
    }
}

/// The time until the next scheduled change.
async fn until_next(node: &Node) -> Duration {
    let due = match node.store.read().await {
        Ok(mut conn) => conn.next_change_due().await.ok().flatten(),
        Err(_) => None,
    };
    match due {
        Some(due) => Duration::from_millis((due - store::now()).max(50) as u64).min(PATIENCE),
        None => PATIENCE,
    }
}

/// Handles the oldest due changes; how many.
pub async fn step(node: &Node) -> Result<usize, NodeError> {
    if !node.store.read().await?.has_due_changes().await? {
        return Ok(0);
    }
    let mut tx = node.store.begin().await?;
    let changes = tx.due_changes(BATCH).await?;
    for (change, ids) in by_subject(&changes) {
        let postponed = match change.kind {
            ChangeKind::Article => handle_article(node, &mut tx, &change.uid).await?,
            ChangeKind::Author => {
                handle_author(node, &mut tx, &change.uid).await?;
                None
            }
        };
        let (last, earlier) = ids.split_last().unwrap_or((&change.id, &[]));
        for id in earlier {
            tx.finish_change(*id).await?;
        }
        match postponed {
            Some(due_at) => tx.postpone_change(*last, due_at).await?,
            None => tx.finish_change(*last).await?,
        }
    }
    tx.commit().await?;
    node.store.wake();
    Ok(changes.len())
}

/// Several changes of one thing are handled as one, in the place of the first.
fn by_subject(changes: &[Change]) -> Vec<(&Change, Vec<i64>)> {
    let mut order: Vec<(&Change, Vec<i64>)> = Vec::new();
    let mut places: HashMap<(ChangeKind, &str), usize> = HashMap::new();
    for change in changes {
        let place = *places
            .entry((change.kind, change.uid.as_str()))
            .or_insert(order.len());
        match order.get_mut(place) {
            Some((_, ids)) => ids.push(change.id),
            None => order.push((change, vec![change.id])),
        }
    }
    order
}

/// Tells what became of an article. If it is to be published later, the time.
async fn handle_article(node: &Node, tx: &mut Tx, uid: &str) -> Result<Option<i64>, NodeError> {
    let article = tx.article_by_uid(uid).await?;
    let told = tx.publication(uid).await?;
    let published = article
        .as_ref()
        .filter(|article| article.status == "published");
    if let Some(scheduled) = published.filter(|article| article.published_at > store::now()) {
        if let Some(told) = told.filter(Publication::is_live) {
            withdraw(node, tx, told).await?;
        }
        return Ok(Some(scheduled.published_at));
    }
    match (published, told) {
        (Some(article), Some(told)) if !told.is_live() => renew(tx, article).await?,
        (Some(article), Some(told))
            if told.form != "no" && posts::form_of(article, &node.config) == Federate::No =>
        {
            withdraw(node, tx, told).await?;
            renew(tx, article).await?;
        }
        (Some(article), told) => publish(node, tx, article, told).await?,
        (None, Some(told)) if told.is_live() => withdraw(node, tx, told).await?,
        (None, _) => {}
    }
    Ok(None)
}

/// Other servers keep the tombstone of the old id for ever: what comes back is a new post. The change
/// log notes the new id, so that it is handled next.
async fn renew(tx: &mut Tx, article: &Article) -> Result<(), NodeError> {
    Ok(tx.set_article_uid(article.id, &store::new_uid()).await?)
}

async fn publish(
    node: &Node,
    tx: &mut Tx,
    article: &Article,
    told: Option<Publication>,
) -> Result<(), NodeError> {
    let author = match &told {
        // Whose it was it stays: other servers take an update from its author alone.
        Some(told) => node.locals.in_transaction(tx, told.local_actor_id).await?,
        None => author_of(node, tx, article).await?,
    };
    let site = node.locals.in_transaction(tx, node.site_id()).await?;
    let writer = Writer {
        config: &node.config,
        urls: node.urls(),
        author: &author,
        site: &site,
    };
    let form = posts::form_of(article, &node.config);
    let mut post = writer.post(article, form);
    let hash = hash_of(&post, form);
    let was = told.as_ref().map(|told| told.form.as_str());
    if told.as_ref().is_some_and(|told| told.hash == hash) {
        return Ok(());
    }
    let updated_at = told.is_some().then(store::now);
    if let Some(now) = updated_at {
        post.updated = Some(timestamp(article.updated_at.unwrap_or_default().max(now)));
    }
    match (was.unwrap_or("no"), form) {
        ("no", Federate::No) => {}
        ("no", _) => {
            send(node, tx, &writer, "Create", &post).await?;
            if site.row.id != author.row.id {
                announce(node, tx, &writer, &post).await?;
            }
        }
        _ => send(node, tx, &writer, "Update", &post).await?,
    }
    tx.save_publication(&Publication {
        article_uid: article.uid.clone(),
        state: "live".into(),
        form: form.as_str().into(),
        local_actor_id: author.row.id,
        hash,
        path: permalink_path(article.published_at, &article.slug),
        published_at: told
            .as_ref()
            .map_or(article.published_at, |told| told.published_at),
        updated_at,
        gone_at: None,
    })
    .await?;
    Ok(())
}

async fn withdraw(node: &Node, tx: &mut Tx, told: Publication) -> Result<(), NodeError> {
    if told.form != "no" {
        let author = node.locals.in_transaction(tx, told.local_actor_id).await?;
        let site = node.locals.in_transaction(tx, node.site_id()).await?;
        let former = if told.form == "article" {
            "Article"
        } else {
            "Note"
        };
        let id = node.urls().article(&told.article_uid);
        send_delete(node, tx, &author, &site, &id, former).await?;
    }
    tx.save_publication(&Publication {
        state: "gone".into(),
        gone_at: Some(store::now()),
        hash: String::new(),
        ..told
    })
    .await?;
    Ok(())
}

/// The federated author, or else the site.
async fn author_of(node: &Node, tx: &mut Tx, article: &Article) -> Result<Arc<Local>, NodeError> {
    let actor = match article.author_id {
        Some(author) => tx.local_actor_of_author(author).await?,
        None => None,
    };
    node.locals
        .in_transaction(tx, actor.map_or(node.site_id(), |actor| actor.id))
        .await
}

/// Of all that a post says, without the time of its last change.
fn hash_of(post: &Post, form: Federate) -> String {
    let mut still = post.clone();
    still.updated = None;
    let text = format!("{} {}", form.as_str(), documents::post(&still));
    super::signatures::BodyDigest::of(text.as_bytes()).digest_value()
}

async fn send(
    node: &Node,
    tx: &mut Tx,
    writer: &Writer<'_>,
    kind: &'static str,
    post: &Post,
) -> Result<(), NodeError> {
    let object = serde_json::to_value(post).unwrap_or(Value::Null);
    let activity = Outgoing {
        author: writer.author,
        kind,
        object_uri: &post.id,
        object,
        published: Some(post.published.clone()),
        cc: post.cc.clone(),
    };
    activity
        .enqueue(node, tx, &[writer.author, writer.site])
        .await
}

/// The site boosts what its author published.
async fn announce(
    node: &Node,
    tx: &mut Tx,
    writer: &Writer<'_>,
    post: &Post,
) -> Result<(), NodeError> {
    let activity = Outgoing {
        author: writer.site,
        kind: "Announce",
        object_uri: &post.id,
        object: json!(post.id),
        published: Some(post.published.clone()),
        cc: vec![writer.site.followers(), writer.author.uri.clone()],
    };
    activity.enqueue(node, tx, &[writer.site]).await
}

async fn send_delete(
    node: &Node,
    tx: &mut Tx,
    author: &Local,
    site: &Local,
    id: &str,
    former: &str,
) -> Result<(), NodeError> {
    let activity = Outgoing {
        author,
        kind: "Delete",
        object_uri: id,
        object: protocol::tombstone(id, former, &timestamp(store::now())),
        published: None,
        cc: vec![author.followers()],
    };
    activity.enqueue(node, tx, &[author, site]).await
}

/// A public activity of ours.
struct Outgoing<'a> {
    author: &'a Local,
    kind: &'static str,
    object_uri: &'a str,
    object: Value,
    published: Option<String>,
    cc: Vec<String>,
}

impl Outgoing<'_> {
    /// Stores it, and enqueues it to the followers of these actors.
    async fn enqueue(self, node: &Node, tx: &mut Tx, followed: &[&Local]) -> Result<(), NodeError> {
        let uid = store::new_uid();
        let body = documents::activity(&ActivityOut {
            id: node.urls().activity(&uid),
            kind: self.kind,
            actor: self.author.uri.clone(),
            published: self.published,
            to: vec![PUBLIC.to_owned()],
            cc: self.cc,
            object: self.object,
        });
        let id = tx
            .add_activity(&NewActivity {
                uid,
                local_actor_id: self.author.row.id,
                kind: self.kind,
                object_uri: self.object_uri.to_owned(),
                body,
                public: true,
            })
            .await?;
        let mut deliveries = 0;
        for actor in followed {
            deliveries += tx.enqueue_to_followers(id, actor.row.id).await?;
        }
        tracing::info!(
            activity = self.kind,
            object = self.object_uri,
            deliveries,
            "published"
        );
        Ok(())
    }
}

/// Tells followers of a site whose name, description or kind was changed in the configuration.
async fn tell_of_site(node: &Node) -> Result<(), NodeError> {
    const TOLD: &str = "site_actor_told";
    let site = node.site().await?;
    let document = documents::actor(node, &site);
    let hash = super::signatures::BodyDigest::of(document.as_bytes()).digest_value();
    let mut tx = node.store.begin().await?;
    let told = tx.setting(TOLD).await?;
    if told.as_deref() == Some(hash.as_str()) {
        return Ok(());
    }
    if told.is_some() {
        let update = actor_update(&site, &document);
        update.enqueue(node, &mut tx, &[&site]).await?;
    }
    tx.set_setting(TOLD, &hash).await?;
    tx.commit().await?;
    Ok(())
}

fn actor_update<'a>(local: &'a Local, document: &str) -> Outgoing<'a> {
    Outgoing {
        author: local,
        kind: "Update",
        object_uri: &local.uri,
        object: serde_json::from_str(document).unwrap_or(Value::Null),
        published: None,
        cc: vec![local.followers()],
    }
}

/// Makes the actor of a federated author, or tells the author's followers of a new name or description.
async fn handle_author(node: &Node, tx: &mut Tx, username: &str) -> Result<(), NodeError> {
    let author = tx
        .author(username)
        .await?
        .filter(|author| author.username == username);
    let Some(author) = author.filter(|author| author.federated) else {
        return Ok(());
    };
    if let Some(row) = tx.local_actor_of_author(author.id).await? {
        node.locals.forget(row.id);
        let local = node.locals.in_transaction(tx, row.id).await?;
        let document = documents::actor(node, &local);
        let update = actor_update(&local, &document);
        return update.enqueue(node, tx, &[&local]).await;
    }
    if tx.local_actor(username).await?.is_some() {
        tracing::warn!(
            username,
            "an author has the name of another actor and can't be federated"
        );
        return Ok(());
    }
    locals::ensure(tx, username, ActorKind::Author, Some(author.id)).await?;
    Ok(())
}
