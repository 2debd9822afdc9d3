//! What became of an article, told to the fediverse: Create, Update, Delete, or nothing.

use crate::{
    base::time::rfc3339,
    content::FederatedForm,
    federation::objects::{
        activities::{PublicActivity, destinations_of},
        articles::{self, Writer},
        content_hash as compared,
        mentions::References,
        notes, replies,
    },
    node::{Node, NodeError, local_actors::LocalActor, urls::permalink_path},
    protocol::{self, ArticleObject},
    store::{self, Article, ArticleStatus, Publication, PublicationState, Tx},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Tells what became of an article. If it is to be published later, the time.
pub(super) async fn handle_article(
    node: &Node,
    tx: &mut Tx,
    uid: &str,
) -> Result<Option<i64>, NodeError> {
    let article = tx.article_by_uid(uid).await?;
    let told = tx.publication(uid).await?;
    let published = article
        .as_ref()
        .filter(|article| article.status == ArticleStatus::Published);
    if let Some(scheduled) = published.filter(|article| is_scheduled(article, told.as_ref())) {
        if let Some(told) = told.filter(Publication::is_live) {
            withdraw(node, tx, told).await?;
        }
        return Ok(Some(scheduled.published_at));
    }
    match (published, told) {
        (Some(article), Some(told)) if !told.is_live() => renew(tx, article).await?,
        (Some(article), Some(told))
            if told.form != "no"
                && articles::form_of(article, &node.config) == FederatedForm::No =>
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

/// Whether an article is to be told later. One that was told at its time is not, though that time may
/// be ahead again, because the clock was set back.
fn is_scheduled(article: &Article, told: Option<&Publication>) -> bool {
    article.published_at > store::now()
        && told.is_none_or(|told| !told.is_live() || told.published_at != article.published_at)
}

/// Other servers keep the tombstone of the old id for ever: what comes back is a new post. The change
/// log notes the new id, so that it is handled next.
async fn renew(tx: &mut Tx, article: &Article) -> Result<(), NodeError> {
    let uid = store::new_uid();
    tx.move_article_paths(&article.uid, &uid).await?;
    Ok(tx.set_article_uid(article.id, &uid).await?)
}

async fn publish(
    node: &Node,
    tx: &mut Tx,
    article: &Article,
    told: Option<Publication>,
) -> Result<(), NodeError> {
    let path = permalink_path(article.published_at, &article.slug);
    tx.save_article_path(&path, &article.uid).await?;
    let author = match &told {
        // Whose it was it stays: other servers take an update from its author alone.
        Some(told) => {
            node.local_actors
                .in_transaction(tx, told.local_actor_id)
                .await?
        }
        None => author_of(node, tx, article).await?,
    };
    let site = node.local_actors.in_transaction(tx, node.site_id()).await?;
    let writer = Writer {
        config: &node.config,
        urls: node.urls(),
        author: &author,
        site: &site,
    };
    let form = articles::form_to_send(article, told.as_ref(), &node.config);
    let hash = compared::of_article(article, form, &node.config);
    let was = told.as_ref().map(|told| told.form.as_str());
    if told.as_ref().is_some_and(|told| told.hash == hash) {
        return Ok(());
    }
    let linked = References::of(node, tx, &article.markdown).await?;
    let replies = replies::of_article(tx, node.urls(), &article.uid, article.id).await?;
    let mut post = writer.post(article, form, &linked, replies);
    let updated_at = told.is_some().then(store::now);
    if let Some(now) = updated_at {
        post.updated = Some(rfc3339(article.updated_at.unwrap_or_default().max(now)));
    }
    let named = match form {
        FederatedForm::Article | FederatedForm::Note => linked,
        FederatedForm::Teaser | FederatedForm::No => References {
            actors: Vec::new(),
            ..linked
        },
    };
    notes::store_references(tx, &article.uid, &named).await?;
    match (was.unwrap_or("no"), form) {
        ("no", FederatedForm::No) => {}
        ("no", _) => {
            send(node, tx, &writer, article, "Create", &post).await?;
            if site.row.id != author.row.id {
                announce(node, tx, &writer, &post).await?;
            }
        }
        _ => send(node, tx, &writer, article, "Update", &post).await?,
    }
    tx.save_publication(&Publication {
        article_uid: article.uid.clone(),
        state: PublicationState::Live,
        form: form.as_str().into(),
        local_actor_id: author.row.id,
        hash,
        path,
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
        let author = node
            .local_actors
            .in_transaction(tx, told.local_actor_id)
            .await?;
        let site = node.local_actors.in_transaction(tx, node.site_id()).await?;
        let former = if told.form == "article" {
            "Article"
        } else {
            "Note"
        };
        let id = node.urls().article(&told.article_uid);
        let mentioned = tx.mentioned_in(&told.article_uid).await?;
        let others = destinations_of(node, tx, &mentioned).await?;
        send_delete(node, tx, &author, &site, &id, former, &others).await?;
    }
    tx.set_hashtags(&told.article_uid, &[]).await?;
    tx.save_publication(&Publication {
        state: PublicationState::Gone,
        gone_at: Some(store::now()),
        hash: String::new(),
        ..told
    })
    .await?;
    Ok(())
}

/// The federated author, or else the site.
async fn author_of(
    node: &Node,
    tx: &mut Tx,
    article: &Article,
) -> Result<Arc<LocalActor>, NodeError> {
    let actor = match article.author_id {
        Some(author) => tx.local_actor_of_author(author).await?,
        None => None,
    };
    node.local_actors
        .in_transaction(tx, actor.map_or(node.site_id(), |actor| actor.id))
        .await
}

async fn send(
    node: &Node,
    tx: &mut Tx,
    writer: &Writer<'_>,
    article: &Article,
    kind: &'static str,
    post: &ArticleObject,
) -> Result<(), NodeError> {
    let mentioned = tx.mentioned_in(&article.uid).await?;
    let others = destinations_of(node, tx, &mentioned).await?;
    let object = serde_json::to_value(post).unwrap_or(Value::Null);
    let activity = PublicActivity {
        author: writer.author,
        kind,
        object_uri: &post.id,
        object,
        published: Some(post.published.clone()),
        cc: post.cc.clone(),
    };
    activity
        .enqueue_also(node, tx, &[writer.author, writer.site], &others)
        .await
        .map(drop)
}

/// The site boosts what its author published.
async fn announce(
    node: &Node,
    tx: &mut Tx,
    writer: &Writer<'_>,
    post: &ArticleObject,
) -> Result<(), NodeError> {
    let activity = PublicActivity {
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
    author: &LocalActor,
    site: &LocalActor,
    id: &str,
    former: &str,
    others: &[i64],
) -> Result<(), NodeError> {
    let activity = PublicActivity {
        author,
        kind: "Delete",
        object_uri: id,
        object: protocol::tombstone(id, former, &rfc3339(store::now())),
        published: None,
        cc: vec![author.followers()],
    };
    activity
        .enqueue_also(node, tx, &[author, site], others)
        .await
        .map(drop)
}
