//! Changes of articles become Create, Update, Delete, or nothing.

use crate::{
    base::time::rfc3339,
    content::{Announcement, FederatedForm, markdown},
    federation::objects::{
        activities::{PublicActivity, destinations_of, holders_of},
        articles::{self, Writer},
        content_hash,
        mentions::References,
        notes, replies,
    },
    node::{Node, NodeError, local_actors::LocalActor, urls::permalink_path},
    protocol::{self, ArticleObject},
    store::{
        self, Article, ArticleStatus, ChangeKind, PendingAnnouncement, Publication,
        PublicationState, Tx,
    },
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Publishes the change of an article. Returns the time of publication if it is later.
pub(super) async fn handle_article(
    node: &Node,
    tx: &mut Tx,
    uid: &str,
) -> Result<Option<i64>, NodeError> {
    let article = tx.article_by_uid(uid).await?;
    let publication = tx.publication(uid).await?;
    let published = article
        .as_ref()
        .filter(|article| article.status == ArticleStatus::Published);
    if let Some(scheduled) = published.filter(|article| is_scheduled(article, publication.as_ref()))
    {
        if let Some(publication) = publication.filter(Publication::is_live) {
            withdraw(node, tx, publication).await?;
        }
        return Ok(Some(scheduled.published_at));
    }
    match (published, publication) {
        (Some(article), Some(publication)) if !publication.is_live() => renew(tx, article).await?,
        (Some(article), Some(publication))
            if publication.form != "no"
                && articles::form_of(article, &node.config) == FederatedForm::No =>
        {
            withdraw(node, tx, publication).await?;
            renew(tx, article).await?;
        }
        (Some(article), publication) => publish(node, tx, article, publication).await?,
        (None, Some(publication)) if publication.is_live() => {
            withdraw(node, tx, publication).await?
        }
        (None, _) => {}
    }
    if published.is_none() {
        tx.forget_scheduled_changes(uid).await?;
    }
    Ok(None)
}

/// Returns whether an article will be published later. An article that was published on time is not scheduled, even if
/// the clock was set back since.
fn is_scheduled(article: &Article, publication: Option<&Publication>) -> bool {
    article.published_at > store::now()
        && publication.is_none_or(|publication| {
            !publication.is_live() || publication.published_at != article.published_at
        })
}

/// Gives an article a new id, since other servers keep the tombstone of the old one for ever. This writes a change,
/// which is handled next, and is announced as the pending ones are.
async fn renew(tx: &mut Tx, article: &Article) -> Result<(), NodeError> {
    let pending = pending_announcement(tx, article).await?;
    let uid = store::new_uid();
    tx.move_article_paths(&article.uid, &uid).await?;
    let mark = tx.mark_changes().await?;
    tx.set_article_uid(article.id, &uid).await?;
    if pending != PendingAnnouncement::Tell {
        tx.silence_changes(mark).await?;
    }
    if pending == PendingAnnouncement::SilentThenTell {
        tx.add_change(ChangeKind::Article, &uid).await?;
    }
    Ok(())
}

async fn pending_announcement(
    tx: &mut Tx,
    article: &Article,
) -> Result<PendingAnnouncement, NodeError> {
    Ok(tx
        .pending_announcement(ChangeKind::Article, &article.uid)
        .await?)
}

/// Logs the files that another program named in an article by relative addresses, which lead nowhere.
fn warn_of_relative_files(article: &Article) {
    let files = markdown::pictures(&article.markdown);
    if let Some(file) = files.iter().find(|file| file.is_required) {
        tracing::warn!(
            slug = article.slug,
            file = file.name,
            "an article names a file that was not taken in: use `pamphlet post edit`, or a full address"
        );
    }
}

async fn publish(
    node: &Node,
    tx: &mut Tx,
    article: &Article,
    publication: Option<Publication>,
) -> Result<(), NodeError> {
    let path = permalink_path(article.published_at, &article.slug);
    tx.save_article_path(&path, &article.uid).await?;
    let author = match &publication {
        // The author stays the same: other servers accept an update only from its first author.
        Some(publication) => first_author(node, tx, article, publication).await?,
        None => author_of(node, tx, article).await?,
    };
    let site = node.local_actors.in_transaction(tx, node.site_id()).await?;
    let writer = Writer {
        config: &node.config,
        urls: node.urls(),
        author: &author,
        site: &site,
    };
    let form = articles::form_to_send(article, publication.as_ref(), &node.config);
    let hash = content_hash::of_article(article, form, &node.config);
    let former = publication
        .as_ref()
        .map(|publication| publication.form.as_str());
    if publication
        .as_ref()
        .is_some_and(|publication| publication.hash == hash)
    {
        return Ok(());
    }
    warn_of_relative_files(article);
    let linked = References::of_article(node, tx, article).await?;
    let replies = replies::of_article(tx, node.urls(), &article.uid, article.id).await?;
    let mut post = writer.post(article, form, &linked, replies);
    let updated_at = publication.is_some().then(store::now);
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
    let pending = pending_announcement(tx, article).await?;
    match (former.unwrap_or("no"), form) {
        ("no", FederatedForm::No) => {}
        ("no", _) => send_new(node, tx, &writer, article, post, pending).await?,
        _ => {
            let reach = match pending {
                PendingAnnouncement::Silent => Reach::Nobody,
                _ => reach_of_update(publication.as_ref()),
            };
            send(node, tx, &writer, article, "Update", &post, reach).await?;
        }
    }
    let announced = match &publication {
        Some(publication) if publication.form != "no" => publication.announced,
        _ => pending == PendingAnnouncement::Tell,
    };
    tx.save_publication(&Publication {
        article_uid: article.uid.clone(),
        state: PublicationState::Live,
        form: form.as_str().into(),
        local_actor_id: author.row.id,
        hash,
        path,
        published_at: publication
            .as_ref()
            .map_or(article.published_at, |publication| publication.published_at),
        updated_at,
        gone_at: None,
        object_uri: None,
        announced,
    })
    .await?;
    Ok(())
}

async fn withdraw(node: &Node, tx: &mut Tx, publication: Publication) -> Result<(), NodeError> {
    if publication.form != "no" {
        let author = node
            .local_actors
            .in_transaction(tx, publication.local_actor_id)
            .await?;
        let site = node.local_actors.in_transaction(tx, node.site_id()).await?;
        let object_type = if publication.form == "article" {
            "Article"
        } else {
            "Note"
        };
        let id = node
            .urls()
            .article_id(&publication.article_uid, publication.object_uri.as_deref());
        let mentioned = tx.mentioned_in(&publication.article_uid).await?;
        let mut others = destinations_of(node, tx, &mentioned).await?;
        if !publication.announced {
            // Followers' servers get it too: one that does not sign its requests may have fetched the article.
            others.extend(holders_of(node, tx, &publication.article_uid).await?);
        }
        send_delete(node, tx, &author, &site, &id, object_type, &others).await?;
    }
    tx.set_hashtags(&publication.article_uid, &[]).await?;
    tx.save_publication(&Publication {
        state: PublicationState::Gone,
        gone_at: Some(store::now()),
        hash: String::new(),
        ..publication
    })
    .await?;
    Ok(())
}

/// Returns the actor that an article was first published as. An article that was never sent gets another one if that
/// actor was deleted.
async fn first_author(
    node: &Node,
    tx: &mut Tx,
    article: &Article,
    publication: &Publication,
) -> Result<Arc<LocalActor>, NodeError> {
    let first = node
        .local_actors
        .in_transaction(tx, publication.local_actor_id)
        .await?;
    if first.row.is_gone() && publication.form == "no" {
        return author_of(node, tx, article).await;
    }
    Ok(first)
}

/// Returns the article's federated author, or else the site.
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

/// The servers that get an activity about an article.
enum Reach {
    Nobody,
    /// Only those that are known to have the article, because it was never announced.
    Holders,
    /// Those of followers and of mentioned actors.
    Followers,
}

fn reach_of_update(publication: Option<&Publication>) -> Reach {
    match publication {
        Some(publication) if !publication.announced && !is_adopted(publication) => Reach::Holders,
        _ => Reach::Followers,
    }
}

/// Returns whether the article has its id from other software, which announced it.
fn is_adopted(publication: &Publication) -> bool {
    let own = format!("/articles/{}", publication.article_uid);
    let adopted = publication.object_uri.as_deref();
    // An id on a former domain of ours is no sign of that.
    adopted.is_some_and(|uri| !uri.ends_with(&own))
}

/// Sends the `Create` of an article, with the site's boost. If only a later change is announced, it is sent as an
/// `Update`.
async fn send_new(
    node: &Node,
    tx: &mut Tx,
    writer: &Writer<'_>,
    article: &Article,
    mut post: ArticleObject,
    pending: PendingAnnouncement,
) -> Result<(), NodeError> {
    let (announcement, reach) = match pending {
        PendingAnnouncement::Tell => (Announcement::Tell, Reach::Followers),
        PendingAnnouncement::Silent | PendingAnnouncement::SilentThenTell => {
            (Announcement::Silent, Reach::Nobody)
        }
    };
    send(node, tx, writer, article, "Create", &post, reach).await?;
    if writer.site.row.id != writer.author.row.id {
        announce(node, tx, writer, &post, announcement).await?;
    }
    if pending == PendingAnnouncement::SilentThenTell {
        post.updated = Some(rfc3339(store::now()));
        let reach = Reach::Holders;
        send(node, tx, writer, article, "Update", &post, reach).await?;
    }
    Ok(())
}

async fn send(
    node: &Node,
    tx: &mut Tx,
    writer: &Writer<'_>,
    article: &Article,
    kind: &'static str,
    post: &ArticleObject,
    reach: Reach,
) -> Result<(), NodeError> {
    let object = serde_json::to_value(post).unwrap_or(Value::Null);
    let activity = PublicActivity {
        author: writer.author,
        kind,
        object_uri: &post.id,
        object,
        published: Some(post.published.clone()),
        cc: post.cc.clone(),
    };
    match reach {
        Reach::Nobody => activity.add(node, tx).await.map(drop),
        Reach::Holders => activity.enqueue_to_holders(node, tx, &article.uid).await,
        Reach::Followers => {
            let mentioned = tx.mentioned_in(&article.uid).await?;
            let others = destinations_of(node, tx, &mentioned).await?;
            let followed = [writer.author, writer.site];
            let enqueued = activity.enqueue_also(node, tx, &followed, &others).await;
            enqueued.map(drop)
        }
    }
}

/// Sends the site's boost of an author's article.
async fn announce(
    node: &Node,
    tx: &mut Tx,
    writer: &Writer<'_>,
    post: &ArticleObject,
    announcement: Announcement,
) -> Result<(), NodeError> {
    let activity = PublicActivity {
        author: writer.site,
        kind: "Announce",
        object_uri: &post.id,
        object: json!(post.id),
        published: Some(post.published.clone()),
        cc: vec![writer.site.followers(), writer.author.uri.clone()],
    };
    let audience = (&[writer.site][..], &[][..]);
    activity.announce(node, tx, audience, announcement).await
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
