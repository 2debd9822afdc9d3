//! Takes pictures in, and removes the files that nothing uses any more.

use crate::{
    config::Picture,
    node::{
        Node,
        media::{Claims, LibraryError},
    },
    store::MediaKind,
};
use anyhow::{Result, bail};
use std::path::Path;

/// Returns the address of a picture that is an address, or takes a file in. The claim ends in the transaction that stores
/// the address.
///
/// # Errors
/// If the file can't be taken in.
pub(crate) async fn import(picture: &str, node: &Node) -> Result<(String, Claims)> {
    match Picture::try_from(picture.to_owned()).map_err(anyhow::Error::msg)? {
        Picture::Url(url) => Ok((url.into(), Claims::default())),
        Picture::File(path) => take_in(&path, node).await,
    }
}

/// Takes a picture in. Returns its address, with the claim on it.
///
/// # Errors
/// If it can't be read, or is no picture.
pub(crate) async fn take_in(path: &Path, node: &Node) -> Result<(String, Claims)> {
    let new = node.media.read(path).await?;
    if matches!(new.kind(), MediaKind::Audio | MediaKind::Video) {
        bail!("{} is no picture", path.display());
    }
    let claims = node.media.store(&[&new]).await?;
    Ok((new.address(), claims))
}

/// Removes the files that `texts` named, except those that something else still uses.
///
/// # Errors
/// If the database or the storage fails.
pub(crate) async fn remove_unused(node: &Node, texts: &[&str]) -> Result<(), LibraryError> {
    node.media.remove_unused_of(texts).await
}
