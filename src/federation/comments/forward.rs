//! Replies passed on to our followers, who may not know their author's server (ActivityPub 7.1.2).

use crate::{
    federation::verified_activity::VerifiedActivity,
    node::{Context, error::InboxError},
    protocol::Activity,
    store::{self, ArticleHeader, NewActivity, Tx},
};

/// Longest activity that is passed on, in bytes.
const MAX_BODY: usize = 128 * 1024;
const HOUR: i64 = 3600 * 1000;

/// The activity as it came, if others may be told of it and could check it: it is public, and its actor proved it,
/// or signed it as linked data.
pub fn forwardable(
    activity: &Activity,
    body: &[u8],
    is_proven: bool,
    ctx: &Context,
) -> Option<String> {
    let is_signed = || {
        let signature = activity.raw.get("signature");
        signature.is_some_and(|signature| signature["type"] == "RsaSignature2017")
    };
    let fits = ctx.config.conversations.forward
        && matches!(activity.kind(), "Create" | "Update" | "Delete")
        && activity.is_public()
        && body.len() <= MAX_BODY
        && (is_proven || is_signed());
    match fits {
        true => String::from_utf8(body.to_vec()).ok(),
        false => None,
    }
}

/// Passes an activity about a comment on to the followers of the site and of the article's author, in the
/// transaction that stores what it changes. Not back to the host that it came from; never a second time, since what
/// another passed on to us is not `forwardable`.
pub async fn forward(
    tx: &mut Tx,
    activity: &VerifiedActivity,
    article: &ArticleHeader,
    object_uri: &str,
    ctx: &Context,
) -> Result<(), InboxError> {
    let Some(body) = &activity.forwardable else {
        return Ok(());
    };
    if tx.forwards_since(store::now() - HOUR).await? >= ctx.config.conversations.forward_per_hour {
        tracing::info!(object = object_uri, "not passed on: enough for this hour");
        return Ok(());
    }
    let forwarded = tx
        .add_activity(&NewActivity {
            uid: store::new_uid(),
            local_actor_id: ctx.site_id(),
            kind: "Forward",
            object_uri: object_uri.to_owned(),
            body: body.clone(),
            public: false,
        })
        .await?;
    let author = tx.publication(&article.uid).await?;
    let author = author.map_or(ctx.site_id(), |told| told.local_actor_id);
    let mut actors = vec![author, ctx.site_id()];
    actors.dedup();
    for actor in actors {
        tx.enqueue_forward(forwarded, actor, &activity.actor.row.host)
            .await?;
    }
    Ok(())
}
