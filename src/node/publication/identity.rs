//! Checks that the configuration and the database belong together.

use crate::{
    config::{Config, FederateGuests, GuestPolicy},
    node::error::NodeError,
    store::{ActorKind, Conn, Tx},
};

/// Checks the publication's identity against the one in the database: followers know the actors by it.
pub(in crate::node) async fn check(config: &Config, tx: &mut Tx) -> Result<(), NodeError> {
    let ours = config.identity();
    match tx.setting("identity").await? {
        None => tx.set_setting("identity", &ours).await?,
        Some(theirs) if theirs == ours => {}
        Some(theirs) => return Err(NodeError::OtherIdentity(theirs, ours)),
    }
    Ok(())
}

/// Checks that no other actor or author has the username of the actor that posts guests' comments.
///
/// # Errors
/// [`NodeError::NameTaken`] if it is; [`NodeError::RetiredName`] if a deleted actor had it.
pub(in crate::node) async fn check_guests_name(
    config: &Config,
    conn: &mut Conn,
) -> Result<(), NodeError> {
    let (name, comments) = (config.comments.username.as_str(), &config.comments);
    if comments.federate_guests != FederateGuests::ByGuestsActor
        || comments.guests == GuestPolicy::Closed
    {
        return Ok(());
    }
    if conn.is_retired_name(name).await? {
        return Err(NodeError::RetiredName(name.to_owned()));
    }
    let actor = conn.local_actor(name).await?;
    let author = conn.author(name).await?;
    let is_taken = name == config.site.username.as_str()
        || actor.is_some_and(|actor| actor.kind != ActorKind::Comments)
        || author.is_some_and(|author| author.federated && author.username == name);
    if is_taken {
        Err(NodeError::NameTaken(name.to_owned()))
    } else {
        Ok(())
    }
}
