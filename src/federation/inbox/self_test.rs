//! The self-test of `pamphlet doctor`: a request that the command signs as the instance actor and sends to our own inbox
//! through the public URL. The node notes how the request arrived, so that the command sees what a proxy did to it.

use super::{check_content, verify};
use crate::{
    crypto::signatures::RequestParts,
    node::{Node, error::InboxError},
    protocol::same_id,
};

/// Checks a self-test as the inbox checks a delivery, with the key of our own instance actor.
///
/// # Errors
/// The error that a delivery would meet.
pub(crate) async fn check(request: &RequestParts<'_>, node: &Node) -> Result<(), InboxError> {
    check_content(request.headers)?;
    let unverified = verify::parse_signature(request, node).map_err(verify::signature_error)?;
    let instance = node.instance().await.map_err(InboxError::internal)?;
    if !same_id(unverified.key_id(), &instance.key_id()) {
        return Err(InboxError::unverified(
            "the self-test is signed with another key",
        ));
    }
    let verified = unverified.verify(instance.rsa.public());
    verified.map(drop).map_err(verify::signature_error)
}
