//! Quotes of our articles in posts of others (FEP-044f): `QuoteRequest`s, answered by the article's
//! policy, and posts that quote without asking.

use super::{create, reaction};
use crate::{
    content::{QuotePolicy, clean_line},
    federation::{
        objects::{
            articles, documents,
            response_size::{self, Room},
        },
        remote::actors,
        verified_activity::handles,
    },
    moderation,
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        local_actors::LocalActor,
        notices::{self, NoticeEvent},
        remote_actor::RemoteActor,
        target,
        urls::link_or_id,
    },
    protocol::{Object, OutgoingActivity, same_id},
    store::{self, ArticleHeader, NewActivity, NoticeKind, Tx},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// The size of a quote beside its post's id, in bytes: its row and the notice.
const ROW: usize = 1024;

handles!(
    /// The wish to quote an article.
    QuoteRequest
);

impl QuoteRequest {
    async fn check(&self, _: &Context) -> Result<(), InboxError> {
        self.0.object_id()?;
        let post = self.post_id()?;
        match self.0.owns_host_of(&post) {
            true => Ok(()),
            false => Err(InboxError::forbidden(
                "the quoting post is on another host than its actor",
            )),
        }
    }

    fn post_id(&self) -> Result<String, InboxError> {
        self.0.instrument_id("the request names no quoting post")
    }

    async fn apply(&self, data: &Context) -> Result<(), InboxError> {
        let (actor, post_id) = (&self.0.actor, self.post_id()?);
        let room = self.0.room_for_answer(data).await?;
        // Before the transaction, which others wait for.
        let post = self.post(&post_id, data).await?;
        let mut tx = self.0.begin(data).await?;
        let quoted = self.0.object_id()?;
        let Some(article) = find_article(&mut tx, &quoted, data).await? else {
            return Err(InboxError::Dropped(DropReason::QuoteOfUnknownObject));
        };
        if let Some(post) = &post
            && !quotes_article(post, &article, &mut tx, data).await?
        {
            return Err(InboxError::Dropped(DropReason::QuoteRequestMismatch));
        }
        let Some(author) = author_of(&article, &mut tx, data).await? else {
            return Err(InboxError::Dropped(DropReason::QuoteOfUnknownObject));
        };
        let answer = match admit(&article, &author, actor, &post_id, &mut tx, data).await? {
            Some(uid) => {
                if let Some(post) = post.filter(Object::is_public) {
                    show(&article, actor, &post, &mut tx, data).await?;
                }
                self.answer("Accept", Some(data.urls().quote(&uid)), &author, room, data)?
            }
            None => self.answer("Reject", None, &author, room, data)?,
        };
        let destination = actors::destination_of(&actor.row, data, &mut tx).await?;
        let activity = tx.add_activity(&answer).await?;
        tx.enqueue_to(activity, destination).await?;
        tx.commit().await?;
        data.store.wake();
        Ok(())
    }

    /// The quoting post, as far as it can be seen: as it is embedded, or as its host has it. Some servers
    /// publish it only after the answer, so that its absence is no fault.
    async fn post(&self, id: &str, data: &Context) -> Result<Option<Object>, InboxError> {
        let is_own = |post: &Object| {
            let (post_id, owner) = (post.id.as_deref(), post.attributed_to.as_deref());
            post_id.is_some_and(|post_id| same_id(post_id, id))
                && owner.is_some_and(|owner| self.0.is_actor(owner))
        };
        if let Some(embedded) = self.0.activity.instrument.as_object().filter(is_own) {
            return Ok(Some(embedded));
        }
        match create::fetch_object(id, data).await {
            Ok(post) if is_own(&post) => Ok(Some(post)),
            Ok(_) => Err(InboxError::Dropped(DropReason::QuoteRequestForForeignPost)),
            Err(error @ (InboxError::Store(_) | InboxError::Busy(_))) => Err(error),
            Err(_) => Ok(None),
        }
    }

    fn answer(
        &self,
        kind: &'static str,
        result: Option<String>,
        author: &LocalActor,
        room: Room,
        data: &Context,
    ) -> Result<NewActivity, InboxError> {
        let whole = json!({
            "id": self.0.id,
            "type": "QuoteRequest",
            "actor": self.0.actor.row.uri,
            "object": self.0.object_id()?,
            "instrument": self.post_id()?,
        });
        let answer = |object| self.answer_with(object, kind, result.clone(), author, data);
        room.fitting([whole, json!(self.0.id)], answer)
            .ok_or(response_size::TOO_LARGE)
    }

    fn answer_with(
        &self,
        object: Value,
        kind: &'static str,
        result: Option<String>,
        author: &LocalActor,
        data: &Context,
    ) -> NewActivity {
        let uid = store::new_uid();
        let activity = OutgoingActivity {
            id: data.urls().activity(&uid),
            kind,
            actor: author.uri.clone(),
            published: None,
            to: vec![self.0.actor.row.uri.clone()],
            cc: Vec::new(),
            object,
            more: result
                .map(|result| ("result".to_owned(), json!(result)))
                .into_iter()
                .collect(),
        };
        let document = serde_json::to_value(&activity).unwrap_or(Value::Null);
        NewActivity {
            uid,
            local_actor_id: author.row.id,
            kind,
            object_uri: self.0.id.to_string(),
            body: documents::about_quotes(&document),
            public: false,
        }
    }
}

/// The article that readers see under this id or address.
async fn find_article(
    tx: &mut Tx,
    id: &str,
    data: &Context,
) -> Result<Option<ArticleHeader>, InboxError> {
    let target = target::find(tx, data.urls(), id).await?;
    Ok(target
        .filter(|target| target.comment.is_none() && target.is_visible())
        .map(|target| target.article))
}

async fn quotes_article(
    post: &Object,
    article: &ArticleHeader,
    tx: &mut Tx,
    data: &Context,
) -> Result<bool, InboxError> {
    let Some(quoted) = post.quoted() else {
        return Ok(false);
    };
    let quoted = find_article(tx, &quoted, data).await?;
    Ok(quoted.is_some_and(|quoted| quoted.id == article.id))
}

/// The actor that the fediverse knows as the article's author; `None` if it was told nothing of it.
async fn author_of(
    article: &ArticleHeader,
    tx: &mut Tx,
    data: &Context,
) -> Result<Option<Arc<LocalActor>>, InboxError> {
    let told = tx.publication(&article.uid).await?;
    let Some(told) = told.filter(|told| told.is_live() && told.form != "no") else {
        return Ok(None);
    };
    let author = data
        .local_actors
        .in_transaction(tx, told.local_actor_id)
        .await;
    author.map(Some).map_err(InboxError::internal)
}

/// Decides about a quote by the article's policy. Returns the uid of its authorization, if it is allowed. Notifies
/// the admin of a new quote.
async fn admit(
    article: &ArticleHeader,
    author: &LocalActor,
    actor: &RemoteActor,
    post_id: &str,
    tx: &mut Tx,
    data: &Context,
) -> Result<Option<String>, InboxError> {
    if let Some(known) = tx.quote_by_post(article.id, post_id).await? {
        let stands = !known.is_revoked() && known.actor_id == actor.row.id;
        return Ok(stands.then_some(known.uid));
    }
    let is_allowed = match articles::quotes_of(article.quotes.as_deref(), &data.config) {
        QuotePolicy::Everyone => true,
        QuotePolicy::Followers => {
            let ours = [author.row.id, data.site_id()];
            tx.follows_any_of(actor.row.id, ours).await?
        }
        QuotePolicy::Nobody => false,
    };
    if !is_allowed || tx.has_tombstone(post_id, &actor.row.uri).await? {
        return Ok(None);
    }
    let sender = data
        .quota
        .sender(&actor.row.uri, &actor.row.host, &data.store);
    data.quota
        .charge_stored(&sender.await?, ROW + post_id.len())?;
    let uid = store::new_uid();
    tx.add_quote(&uid, article.id, actor.row.id, post_id)
        .await?;
    let text = format!("{} quotes “{}”.", actor.handle(), article.title);
    let subject = format!("{post_id} {}", article.uid);
    let event = NoticeEvent {
        kind: NoticeKind::Quote,
        object: Some(post_id),
        subject: Some(&subject),
        text: &text,
    };
    notices::add(tx, data, &actor.row, event).await?;
    Ok(Some(uid))
}

/// Lists a quote among the article's reactions, as far as the article and the admin's rules take comments of its author:
/// an article that is closed for comments shows no quotes, and where comments wait for the admin, quotes wait.
async fn show(
    article: &ArticleHeader,
    actor: &RemoteActor,
    post: &Object,
    tx: &mut Tx,
    data: &Context,
) -> Result<(), InboxError> {
    let row = &actor.row;
    let who = (row.id, row.uri.as_str(), row.host.as_str());
    let gate = tx.reaction_admission(who, article.id, None).await?;
    let policy = moderation::policy::let_in_reaction(tx, data, article, row.id).await;
    let policy = match policy {
        Err(InboxError::Dropped(_)) => return Ok(()),
        other => other?,
    };
    if reaction::is_held(&gate)? || reaction::check_number(&gate, &row.uri, data).is_err() {
        return Ok(());
    }
    let id = post.id.as_deref().unwrap_or_default();
    let url = clean_line(&link_or_id(post.url.as_deref(), id), 2048);
    let shown = tx.add_quote_reaction(article.id, row.id, id, &url).await?;
    let waits = reaction::is_moderated(policy, &gate);
    reaction::settle(tx, shown, waits, &gate).await
}

/// The article of ours that a post quotes.
pub async fn target_of(
    tx: &mut Tx,
    post: &Object,
    data: &Context,
) -> Result<Option<ArticleHeader>, InboxError> {
    match post.quoted() {
        Some(quoted) => find_article(tx, &quoted, data).await,
        None => Ok(None),
    }
}

/// Stores that a public post quotes an article, with or without a request, and shows it on the article's page.
///
/// # Errors
/// [`InboxError::Dropped`] if the article does not allow it.
pub async fn receive(
    post: &Object,
    actor: &RemoteActor,
    article: &ArticleHeader,
    tx: &mut Tx,
    data: &Context,
) -> Result<(), InboxError> {
    note(post, actor, article, tx, data).await?;
    show(article, actor, post, tx, data).await
}

async fn note(
    post: &Object,
    actor: &RemoteActor,
    article: &ArticleHeader,
    tx: &mut Tx,
    data: &Context,
) -> Result<(), InboxError> {
    let id = post.id.as_deref().unwrap_or_default();
    let Some(author) = author_of(article, tx, data).await? else {
        return Err(InboxError::Dropped(DropReason::QuoteOfUnknownObject));
    };
    match admit(article, &author, actor, id, tx, data).await? {
        Some(_) => Ok(()),
        None => Err(InboxError::Dropped(DropReason::QuoteNotAllowed)),
    }
}

/// Does the same for a comment under `article` that quotes another article. The comment stays even if the quote is
/// not allowed; a quote in an invisible comment is not shown.
pub async fn receive_in_comment(
    post: &Object,
    actor: &RemoteActor,
    article: &ArticleHeader,
    is_visible: bool,
    tx: &mut Tx,
    data: &Context,
) -> Result<(), InboxError> {
    let quoted = target_of(tx, post, data).await?;
    let Some(quoted) = quoted.filter(|quoted| quoted.id != article.id) else {
        return Ok(());
    };
    let noted = match is_visible {
        true => receive(post, actor, &quoted, tx, data).await,
        false => note(post, actor, &quoted, tx, data).await,
    };
    match noted {
        Err(InboxError::Dropped(_)) => Ok(()),
        other => other,
    }
}

/// Updates the quote of an edited comment.
pub async fn update_in_comment(
    post: &Object,
    actor: &RemoteActor,
    article: &ArticleHeader,
    is_visible: bool,
    tx: &mut Tx,
    data: &Context,
) -> Result<(), InboxError> {
    let id = post.id.as_deref().unwrap_or_default();
    let quoted = match post.is_public() {
        true => target_of(tx, post, data).await?,
        false => None,
    };
    let known = tx.find_quotes(0, id).await?;
    let is_same =
        |quote: &store::Quote| quoted.as_ref().is_some_and(|it| it.id == quote.article_id);
    if !known.iter().all(is_same) {
        tx.forget_quotes(actor.row.id, id).await?;
    }
    match quoted {
        Some(_) => receive_in_comment(post, actor, article, is_visible, tx, data).await,
        None => Ok(()),
    }
}

/// Forgets the quotes by a post that no longer quotes, or is no longer public. False if there were none.
pub async fn forget_if_ended(
    post: &Object,
    actor: &RemoteActor,
    tx: &mut Tx,
    data: &Context,
) -> Result<bool, InboxError> {
    let id = post.id.as_deref().unwrap_or_default();
    let stands = !post.is_restricted() && target_of(tx, post, data).await?.is_some();
    match stands {
        true => Ok(false),
        false => Ok(tx.forget_quotes(actor.row.id, id).await?),
    }
}
