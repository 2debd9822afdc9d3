//! Lets articles keep the ids by which other servers know them.

use super::{
    Step,
    actors::AdoptedActors,
    error::AdoptionError,
    export::{Export, ExportedObject},
    report::Adoption,
    usernames::path_of,
};
use crate::{
    node::{Node, urls::same_origin},
    store::Tx,
};
use url::Url;

/// The number of posts between two steps of the progress bar.
const STEP: u64 = 500;

/// Gives each article that a line of the export is about the id that it had.
pub(super) async fn adopt(
    node: &Node,
    tx: &mut Tx,
    export: &Export,
    adopted: &AdoptedActors,
    adoption: &mut Adoption,
    progress: &(dyn Fn(Step) + Sync),
) -> Result<(), AdoptionError> {
    let mut done = 0;
    for object in export.objects()? {
        let object = object?;
        match keep_id(node, tx, adopted, &object).await? {
            Ok(()) => adoption.objects += 1,
            Err(reason) => adoption.skip(reason, &object.id),
        }
        done += 1;
        if done % STEP == 0 {
            progress(Step::Objects(done));
        }
    }
    Ok(())
}

/// Stores the id of a post. Returns the reason if it can't be.
async fn keep_id(
    node: &Node,
    tx: &mut Tx,
    adopted: &AdoptedActors,
    object: &ExportedObject,
) -> Result<Result<(), &'static str>, AdoptionError> {
    let id = Url::parse(&object.id);
    if !id.is_ok_and(|id| same_origin(&id, &node.config.public_url)) {
        return Ok(Err(
            "posts with an id at another address than this publication's",
        ));
    }
    let Some(actor) = adopted.get(&object.actor) else {
        return Ok(Err(
            "posts of an actor that is not in the export: their ids lead to their pages",
        ));
    };
    let Some(uid) = article_of(node, tx, object).await? else {
        return Ok(Err(
            "posts that have no article here: import the articles first",
        ));
    };
    let Some(article) = tx.article_by_uid(&uid).await? else {
        return Ok(Err("posts whose articles are deleted here"));
    };
    // Other servers refuse an Update by another actor than that of the Create.
    let is_theirs = match article.author_id {
        Some(author) if actor.author_id.is_some() => actor.author_id == Some(author),
        Some(author) => !is_federated(tx, author).await?,
        None => actor.author_id.is_none(),
    };
    if !is_theirs {
        return Ok(Err(
            "posts that another actor published than their author's here: they keep their pages, but not their ids",
        ));
    }
    tx.set_object_uri(&uid, &object.id).await?;
    let form = match object.object_type.as_deref() {
        Some("Note") => Some("note"),
        Some("Article") => Some("article"),
        _ => None,
    };
    if let Some(form) = form {
        tx.set_object_form(&uid, form).await?;
    }
    // The node may have run since the articles were imported.
    let own = node.urls().article(&uid);
    tx.adopt_publication(&uid, actor.local_id, form, &own)
        .await?;
    Ok(Ok(()))
}

async fn is_federated(tx: &mut Tx, author_id: i64) -> Result<bool, AdoptionError> {
    let actor = tx.local_actor_of_author(author_id).await?;
    Ok(actor.is_some_and(|actor| !actor.is_gone()))
}

/// Returns the uid of the article that was imported from a post.
async fn article_of(
    node: &Node,
    tx: &mut Tx,
    object: &ExportedObject,
) -> Result<Option<String>, AdoptionError> {
    for address in std::iter::once(&object.id).chain(&object.url) {
        if let Some(path) = path_of(tx, address).await?
            && let Some(uid) = path.strip_prefix("/articles/")
        {
            return Ok(Some(uid.to_owned()));
        }
        let Ok(url) = Url::parse(address) else {
            continue;
        };
        let path = url.path().trim_end_matches('/');
        if url.query().is_some() {
            continue;
        }
        if let Some(uid) = tx.article_uid_at(path).await? {
            return Ok(Some(uid));
        }
        // It may have the same permalink here.
        if let Some((_, slug)) = path.rsplit_once('/')
            && let Some(article) = tx.article_by_slug(slug).await?
            && node.urls().permalink(&article) == node.urls().at(path)
        {
            return Ok(Some(article.uid));
        }
    }
    Ok(None)
}
