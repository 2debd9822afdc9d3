//! Forwards activities about comments to our followers, whose servers may not receive them from the author's server
//! (ActivityPub 7.1.2).

use crate::{
    federation::verified_activity::VerifiedActivity,
    node::{Context, error::InboxError},
    protocol::Activity,
    store::{self, ArticleHeader, NewActivity, Tx},
};

/// The maximum size of a forwarded activity, in bytes.
const MAX_BODY: usize = 128 * 1024;
const HOUR: i64 = 3600 * 1000;

/// Returns the body of an activity that may be forwarded: it is public, and its receivers can verify it by its
/// integrity proof or linked data signature.
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
    let is_forwardable = ctx.config.conversations.forward
        && matches!(activity.kind(), "Create" | "Update" | "Delete")
        && activity.is_public()
        && body.len() <= MAX_BODY
        && (is_proven || is_signed());
    if is_forwardable {
        String::from_utf8(body.to_vec()).ok()
    } else {
        None
    }
}

/// Forwards an activity about a comment to the followers of the site and of the article's author, in the transaction
/// that stores its changes. It is not sent back to its actor's host, and not forwarded a second time: an activity that
/// another server forwarded to us is not `forwardable`.
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
        tracing::info!(
            object = object_uri,
            "comment activity not forwarded: the hourly limit is reached"
        );
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
    let publication = tx.publication(&article.uid).await?;
    let author = publication.map_or(ctx.site_id(), |publication| publication.local_actor_id);
    let mut actors = vec![author, ctx.site_id()];
    actors.dedup();
    for actor in actors {
        tx.enqueue_forward(forwarded, actor, &activity.actor.row.host)
            .await?;
    }
    Ok(())
}
