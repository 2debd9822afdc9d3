//! Computes the hashes by which edits of local articles and actors are recognized.
//!
//! Only the author's or admin's choices count, never the document made from them: a new version of this program may
//! write different documents, and sends no `Update` for that.

use super::{
    articles::{pictures_of, quotes_of, summaries_of},
    features,
};
use crate::{
    config::{Config, Picture},
    content::{CommentPolicy, FederatedForm, PicturePlacement, QuotePolicy, SummaryPolicy},
    crypto::signatures::BodyDigest,
    node::{Node, local_actors::LocalActor},
    store::{ActorKind, Article, Conn, LocalActorRow, StoreError},
};
use serde::Serialize;
use serde_json::Value;

/// The prefix of every hash. A hash with another prefix comes from an older version and covers other data.
pub const VERSION: &str = "2:";

/// The choices for an article in its outgoing form. Choices that are not made are left out, so that a choice added
/// later changes no hash.
#[derive(Serialize)]
struct ArticleChoices<'a> {
    form: FederatedForm,
    title: &'a str,
    markdown: &'a str,
    slug: &'a str,
    published_at: i64,
    tags: Vec<&'a str>,
    language: &'a str,
    policy: CommentPolicy,
    quotes: QuotePolicy,
    summaries: SummaryPolicy,
    #[serde(skip_serializing_if = "Option::is_none")]
    pictures: Option<PicturePlacement>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_alt: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sensitive: bool,
}

/// Returns the hash of an article in this form.
pub fn of_article(article: &Article, form: FederatedForm, config: &Config) -> String {
    let mut tags: Vec<&str> = article.tags.iter().map(String::as_str).collect();
    tags.sort_unstable();
    let language = article.language.as_deref();
    hash(&ArticleChoices {
        form,
        title: &article.title,
        markdown: &article.markdown,
        slug: &article.slug,
        published_at: article.published_at,
        tags,
        language: language.unwrap_or(&config.site.language),
        policy: article.comment_policy(config.comments.terms()),
        quotes: quotes_of(article.quotes.as_deref(), config),
        summaries: summaries_of(article, config),
        pictures: pictures_of(article, config),
        summary: article.summary(),
        image: article.image_url.as_deref(),
        image_alt: article.image_alt.as_deref(),
        warning: article.warning(),
        sensitive: article.sensitive,
    })
}

/// The admin's choices for the publication's actor.
#[derive(Serialize)]
struct ProfileChoices<'a> {
    kind: &'a str,
    name: &'a str,
    summary: &'a str,
    icon: Option<String>,
    image: Option<String>,
    fields: Vec<(&'a str, &'a str)>,
    discoverable: bool,
    indexable: bool,
    approve: bool,
    can_feature: Option<Value>,
    shows_newest: bool,
}

/// Returns the hash of an actor: the publication's from the configuration, an author's from the database.
///
/// # Errors
/// If the query fails.
pub async fn of_actor(
    node: &Node,
    conn: &mut Conn,
    local: &LocalActor,
) -> Result<String, StoreError> {
    if local.row.kind != ActorKind::Site {
        return Ok(of_author(&local.row));
    }
    Ok(hash(&ProfileChoices {
        can_feature: features::policy(node, local),
        shows_newest: features::shows_newest(node, conn).await?,
        ..profile(&node.config)
    }))
}

/// Returns the hash of an author's profile. Without picture and links, it is that of versions that knew neither.
fn of_author(row: &LocalActorRow) -> String {
    let links = row.links.as_deref().filter(|links| *links != "[]");
    if row.picture_url.is_none() && links.is_none() {
        return hash(&(&row.name, &row.bio));
    }
    hash(&(
        &row.name,
        &row.bio,
        &row.picture_url,
        &row.picture_alt,
        links,
    ))
}

/// Returns the part of the profile that depends on the configuration alone.
fn profile(config: &Config) -> ProfileChoices<'_> {
    let site = &config.site;
    let picture = |picture: &Option<Picture>| {
        picture.as_ref().map(|picture| match picture {
            Picture::Url(url) => url.to_string(),
            Picture::File(path) => path.display().to_string(),
        })
    };
    ProfileChoices {
        kind: site.actor_type.as_str(),
        name: &site.name,
        summary: &site.summary,
        icon: picture(&site.icon),
        image: picture(&site.image),
        fields: site
            .fields
            .iter()
            .map(|field| (field.name.as_str(), field.value.as_str()))
            .collect(),
        discoverable: site.discoverable,
        indexable: site.indexable,
        approve: config.followers.approve,
        can_feature: None,
        shows_newest: false,
    }
}

fn hash(decided: &impl Serialize) -> String {
    // These types contain nothing that JSON can't represent.
    let text = serde_json::to_string(decided).unwrap_or_default();
    format!(
        "{VERSION}{}",
        BodyDigest::of(text.as_bytes()).digest_value()
    )
}
