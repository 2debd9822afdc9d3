//! Imports pictures, and removes those that nothing shows any more.

use crate::{
    config::Picture,
    media,
    node::Node,
    store::{Article, StoreError},
};

/// Returns the address of a picture that is an address, or imports a file.
///
/// # Errors
/// If the file can't be imported.
pub(crate) fn import(picture: &str, node: &Node) -> anyhow::Result<String> {
    match Picture::try_from(picture.to_owned()).map_err(anyhow::Error::msg)? {
        Picture::Url(url) => Ok(url.into()),
        Picture::File(path) => Ok(media::import(&path, &node.config.data)?),
    }
}

/// Removes an article's pictures, except those that another post or profile still shows.
///
/// # Errors
/// If a query fails.
pub(crate) async fn remove_unused_of_article(
    node: &Node,
    article: &Article,
) -> Result<(), StoreError> {
    let lead = article.image_url.as_deref().unwrap_or_default();
    remove_unused(node, &[lead, &article.markdown]).await
}

/// Removes the pictures that `texts` named, except those that something else still shows.
///
/// # Errors
/// If a query fails.
pub(crate) async fn remove_unused(node: &Node, texts: &[&str]) -> Result<(), StoreError> {
    let mut names: Vec<String> = texts
        .iter()
        .flat_map(|text| media::names_in_text(text))
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let site = &node.config.site;
    for picture in [&site.icon, &site.image].into_iter().flatten() {
        let own = match picture {
            Picture::Url(url) => url.to_string(),
            Picture::File(path) => media::prepare(path).map_or(String::new(), |own| own.address()),
        };
        let own = media::names_in_text(&own);
        names.retain(|name| !own.contains(name));
    }
    // Publishing stores pictures in a transaction. With a transaction here, no picture is stored between the query
    // and the removal.
    let mut tx = node.store.begin().await?;
    for name in names {
        if !tx.is_picture_used(&name).await?
            && let Some(file) = media::file_path(&name, &node.config.data)
        {
            let _ = std::fs::remove_file(file);
        }
    }
    Ok(())
}
