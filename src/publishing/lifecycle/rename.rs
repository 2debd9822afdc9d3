//! New slugs for articles and pages. All former addresses redirect for ever.

use super::history;
use crate::{
    content::Slug,
    node::{Node, urls::permalink_path},
    publishing::{Announced, Announcement, PublishError, articles, pages},
    store::{Article, StaticPage, Tx},
};

/// Gives an article another slug.
///
/// # Errors
/// If no article has the slug, the new one is or was that of another article, or the database fails.
pub(crate) async fn rename_article(
    node: &Node,
    slug: &str,
    new: &Slug,
    announcement: Announcement,
) -> Result<Article, PublishError> {
    let new = new.as_str();
    let mut tx = node.store.begin().await?;
    let article = articles::find(&mut tx, slug).await?;
    check_article_slug(&mut tx, &article, new).await?;
    if article.is_visible() {
        // Readers know the address, even if no outbox has seen the article yet.
        let path = permalink_path(article.published_at, &article.slug);
        tx.save_article_path(&path, &article.uid).await?;
    }
    let announced = Announced::begin(&mut tx, announcement).await?;
    let signature = history::Signature::begin(&mut tx, article.id).await?;
    tx.set_article_slug(article.id, new).await?;
    announced.end(&mut tx).await?;
    signature.end(&mut tx, article.id).await?;
    let renamed = tx.article_by_id(article.id).await?;
    tx.commit().await?;
    node.store.wake();
    renamed.ok_or_else(|| PublishError::no_article(slug))
}

async fn check_article_slug(tx: &mut Tx, article: &Article, new: &str) -> Result<(), PublishError> {
    if article.slug == new {
        return Err(PublishError::mistake(format!("{new} is its slug already")));
    }
    if let Some(other) = tx.article_by_slug(new).await? {
        return Err(taken(
            new,
            format!("the article “{}” has the slug {new}", other.title),
        ));
    }
    if let Some(uid) = tx.article_with_former_slug(new, &article.uid).await? {
        let title = tx.article_by_uid(&uid).await?.map(|other| other.title);
        return Err(taken(
            new,
            match title {
                Some(title) => {
                    format!("{new} was the slug of the article “{title}”, to which it leads")
                }
                None => format!("{new} was the slug of a deleted article"),
            },
        ));
    }
    Ok(())
}

fn taken(slug: &str, reason: String) -> PublishError {
    PublishError::Taken {
        slug: slug.to_owned(),
        message: format!("{reason}: choose another slug"),
    }
}

/// Gives a page another slug.
///
/// # Errors
/// If the new slug is reserved, or is or was that of another page, or the database fails.
pub(crate) async fn rename_page(
    node: &Node,
    page: &StaticPage,
    new: &Slug,
) -> Result<StaticPage, PublishError> {
    let new = new.as_str();
    if page.slug == new {
        return Err(PublishError::mistake(format!("{new} is its slug already")));
    }
    pages::check_slug(new)?;
    let mut tx = node.store.begin().await?;
    if let Some(other) = tx.page_by_slug(new).await? {
        return Err(taken(
            new,
            format!("the page “{}” has the slug {new}", other.title),
        ));
    }
    if let Some(former) = tx.former_page(new).await?
        && former.slug.as_deref() != Some(page.slug.as_str())
    {
        return Err(taken(
            new,
            match former.slug {
                Some(slug) => format!("{new} was the slug of the page {slug}, to which it leads"),
                None => format!("{new} was the slug of a deleted page"),
            },
        ));
    }
    let last = tx.last_page_version(page.id).await?;
    tx.set_page_slug(page.id, new).await?;
    history::sign_page(&mut tx, page.id, last).await?;
    let renamed = tx.page_by_slug(new).await?;
    tx.commit().await?;
    renamed.ok_or_else(|| PublishError::mistake("the page was deleted in the meantime"))
}
