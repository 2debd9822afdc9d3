//! Micropub's posts as this site has them: one with a name is an article, one without is a note.

use super::properties::{Deletion, Properties, Shown, invalid};
use crate::{
    content::Slug,
    node::{permalinks, urls::Named},
    publishing::{
        Announcement, Leniency, articles,
        batch::{self, Item},
        is_old,
        source::to_source,
    },
    store::{Article, ArticleStatus, Note, now},
    web::{
        api::{
            articles::{view::Fields, write::parse},
            notes::{self, NoteInput},
            problem::ApiError,
        },
        app::App,
    },
};
use serde_json::{Value, json};

/// The longest title that is made from a text, in characters.
const MAX_TITLE: usize = 60;
/// The largest number of slugs that are tried for a post.
const SLUGS: usize = 50;

/// A post of this site.
pub(super) enum Post {
    Article(Box<Article>),
    Note(Box<Note>),
}

/// Finds a post by its address.
///
/// # Errors
/// If there is none.
pub(super) async fn find(app: &App, url: &str) -> Result<Post, ApiError> {
    let unknown = || ApiError::not_found("post");
    let named = app.node.urls().read(url).ok_or_else(unknown)?;
    let mut conn = app.node.store.read().await?;
    if let Named::Note(uid) = &named {
        drop(conn);
        return Ok(Post::Note(Box::new(notes::find(app, uid).await?)));
    }
    let uid = permalinks::article_uid(&mut conn, &named).await?;
    let article = match uid {
        Some(uid) => conn.article_by_uid(&uid).await?,
        None => None,
    };
    let article = article.ok_or_else(unknown)?;
    Ok(Post::Article(Box::new(article)))
}

/// Whether a post must be an article: notes have no name, no draft, one picture of this site, and no recordings.
pub(super) fn is_article(app: &App, post: &Properties, is_draft: bool) -> bool {
    let photos = post.shown("photo");
    let own = app.node.urls().at("/media/");
    let is_own = |photo: &Shown| photo.url.starts_with("/media/") || photo.url.starts_with(&own);
    post.text("name").is_some()
        || is_draft
        || photos.len() > 1
        || photos.iter().any(|photo| !is_own(photo))
        || ["audio", "video"]
            .iter()
            .any(|name| !post.shown(name).is_empty())
}

/// Publishes a note. Returns its address.
///
/// # Errors
/// If its text or its parent is invalid.
pub(super) async fn create_note(app: &App, post: &Properties) -> Result<String, ApiError> {
    let photo = post.shown("photo").into_iter().next();
    let alt = match &photo {
        Some(photo) if photo.alt.is_none() => known_alt(app, &photo.url).await?,
        Some(photo) => photo.alt.clone(),
        None => None,
    };
    let input = NoteInput {
        markdown: with_hashtags(post.content().unwrap_or_default(), &post.texts("category")),
        content_warning: post.text("content-warning").map(str::to_owned),
        language: None,
        in_reply_to: post.text("in-reply-to").map(str::to_owned),
        image: photo.map(|photo| photo.url),
        image_alt: alt,
    };
    let note = notes::publish(app, input).await?;
    Ok(app.node.urls().note(&note.uid))
}

/// Adds categories that the text does not have as hashtags.
fn with_hashtags(text: String, categories: &[String]) -> String {
    let lower = text.to_lowercase();
    let tags: Vec<String> = categories
        .iter()
        .map(|tag| tag.chars().filter(|c| c.is_alphanumeric()).collect())
        .filter(|tag: &String| !tag.is_empty())
        .map(|tag| format!("#{tag}"))
        .filter(|tag| !lower.contains(&tag.to_lowercase()))
        .collect();
    match tags.is_empty() {
        true => text,
        false => format!("{}\n\n{}", text.trim_end(), tags.join(" ")),
    }
}

/// Returns the description that a picture got when it was uploaded.
async fn known_alt(app: &App, url: &str) -> Result<Option<String>, ApiError> {
    Ok(app.node.media.find(url).await?.and_then(|row| row.alt))
}

/// Returns the properties of an article from those of a post; `base` has what the post does not say.
async fn fields_of(app: &App, post: &Properties, base: Fields) -> Result<Fields, ApiError> {
    let markdown = post.content().unwrap_or_default();
    let photos = with_known_alts(app, post.shown("photo")).await?;
    let featured = with_known_alts(app, post.shown("featured")).await?;
    let (lead, others) = match featured.into_iter().next() {
        Some(featured) => (Some(featured), &photos[..]),
        None => (photos.first().cloned(), photos.get(1..).unwrap_or_default()),
    };
    let recordings = ["audio", "video"].map(|name| post.shown(name)).concat();
    let title = match post.text("name") {
        Some(name) => name.to_owned(),
        None => title_of(&markdown),
    };
    Ok(Fields {
        title: Some(title),
        date: post.text("published").map(str::to_owned).or(base.date),
        tags: Some(post.texts("category")),
        summary: post.text("summary").map(str::to_owned),
        content_warning: post
            .text("content-warning")
            .map(str::to_owned)
            .or(base.content_warning),
        image: lead.as_ref().map(|lead| address(app, &lead.url)),
        image_alt: lead.and_then(|lead| lead.alt),
        markdown: Some(with_shown(app, markdown, others, &recordings)),
        ..base
    })
}

async fn with_known_alts(app: &App, mut shown: Vec<Shown>) -> Result<Vec<Shown>, ApiError> {
    for photo in &mut shown {
        if photo.alt.is_none() {
            photo.alt = known_alt(app, &photo.url).await?;
        }
    }
    Ok(shown)
}

/// Returns the address of a file as texts name it.
fn address(app: &App, url: &str) -> String {
    let own = app.node.urls().at("/media/");
    match url.strip_prefix(&own) {
        Some(name) => format!("/media/{name}"),
        None => url.to_owned(),
    }
}

/// Adds pictures and recordings to a text, which it does not show yet.
fn with_shown(app: &App, mut text: String, photos: &[Shown], recordings: &[Shown]) -> String {
    for shown in photos.iter().chain(recordings) {
        let address = address(app, &shown.url);
        if text.contains(&address) {
            continue;
        }
        let alt = shown.alt.clone().unwrap_or_default();
        let alt = alt.replace(['[', ']', '\n', '\\'], " ");
        text = format!("{}\n\n![{alt}](<{address}>)\n", text.trim_end());
    }
    text.trim_start().to_owned()
}

/// Returns the beginning of a text as its title.
fn title_of(markdown: &str) -> String {
    let html = crate::content::Html::unverified(markdown.to_owned());
    let text = html.to_text();
    let line = text
        .lines()
        .map(|line| line.trim_matches(['#', ' ', '*', '_', '>']))
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let title: String = line.chars().take(MAX_TITLE).collect();
    let title = match line.chars().count() > MAX_TITLE {
        // Not in the middle of a word.
        true => title
            .rsplit_once(' ')
            .map_or(title.as_str(), |(start, _)| start),
        false => &title,
    };
    match title.is_empty() {
        true => now_as_title(),
        false => title.to_owned(),
    }
}

fn now_as_title() -> String {
    let date = crate::base::time::from_millis(now());
    date.format("%Y-%m-%d %H:%M").to_string()
}

/// Finds a free slug: the one that the client wants, or one for the title, with a number if it is taken.
async fn free_slug(app: &App, wanted: Option<&str>, title: &str) -> Result<String, ApiError> {
    let language = &app.node.config.site.language;
    let exact = wanted.filter(|text| text.parse::<Slug>().is_ok());
    let slug = match exact {
        Some(slug) => slug.to_owned(),
        None => wanted
            .and_then(|text| Slug::from_title(text, language))
            .or_else(|| Slug::from_title(title, language))
            .map_or_else(|| "post".to_owned(), |slug| slug.to_string()),
    };
    let mut conn = app.node.store.read().await?;
    for number in 1..SLUGS {
        let tried = match number {
            1 => slug.clone(),
            number => format!("{slug}-{number}"),
        };
        if conn.article_header_by_slug(&tried).await?.is_none() {
            return Ok(tried);
        }
    }
    Ok(slug)
}

/// Stores an article. Returns its address.
///
/// # Errors
/// If a property is invalid.
pub(super) async fn create_article(
    app: &App,
    post: &Properties,
    is_draft: bool,
) -> Result<String, ApiError> {
    let mut fields = fields_of(app, post, Fields::default()).await?;
    let title = fields.title.clone().unwrap_or_default();
    fields.slug = Some(free_slug(app, post.text("mp-slug"), &title).await?);
    let source = parse(&fields.to_file_text())?;
    let leniency = Leniency::default();
    let prepared = articles::prepare(&app.node, source, None, leniency).await?;
    let announcement = announcement(post, prepared.fields.published_at);
    let item = Item::New {
        article: Box::new(prepared),
        status: match is_draft {
            true => ArticleStatus::Draft,
            false => ArticleStatus::Published,
        },
        announcement,
    };
    let ids = batch::store(&app.node, &[item]).await?;
    let row = match ids.first() {
        Some(id) => app.node.store.read().await?.article_by_id(*id).await?,
        None => None,
    };
    let row = row.ok_or_else(|| ApiError::not_found("post"))?;
    Ok(app.node.urls().permalink(&row))
}

/// Returns whether followers are told. No client of Micropub can ask about an old date, so that an old post is published
/// silently unless the client says otherwise.
fn announcement(post: &Properties, published_at: i64) -> Announcement {
    match (post.text("mp-announcement"), is_old(published_at)) {
        (Some("tell"), _) | (None, false) => Announcement::Tell,
        _ => Announcement::Silent,
    }
}

/// Returns the properties of an article.
///
/// # Errors
/// If another program stored an invalid slug.
pub(super) fn of_article(app: &App, row: &Article) -> Result<Properties, ApiError> {
    let fields = Fields::of(to_source(row)?);
    let mut post = Properties::default();
    let texts = [
        ("name", fields.title),
        ("content", fields.markdown),
        ("published", fields.date),
        ("summary", fields.summary),
        ("mp-slug", fields.slug),
        ("content-warning", fields.content_warning),
        ("author", fields.author),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            post.push(name, text);
        }
    }
    for tag in fields.tags.unwrap_or_default() {
        post.push("category", tag);
    }
    if let Some(image) = fields.image {
        let url = match image.starts_with('/') {
            true => app.node.urls().at(&image),
            false => image,
        };
        post.push(
            "photo",
            match fields.image_alt {
                Some(alt) => json!({"value": url, "alt": alt}),
                None => json!(url),
            },
        );
    }
    let status = match row.status {
        ArticleStatus::Draft => "draft",
        ArticleStatus::Published => "published",
    };
    post.push("post-status", status);
    post.push("url", app.node.urls().permalink(row));
    Ok(post)
}

/// Returns the properties of a note.
pub(super) fn of_note(app: &App, note: &Note) -> Properties {
    let mut post = Properties::default();
    let urls = app.node.urls();
    post.push("content", note.markdown.clone());
    post.push(
        "published",
        crate::base::time::rfc3339_millis(note.published_at),
    );
    if let Some(parent) = &note.in_reply_to {
        post.push("in-reply-to", parent.clone());
    }
    if let Some(image) = &note.image_url {
        let url = urls.at(image);
        post.push(
            "photo",
            match &note.image_alt {
                Some(alt) => json!({"value": url, "alt": alt}),
                None => Value::from(url),
            },
        );
    }
    if let Some(warning) = &note.content_warning {
        post.push("content-warning", warning.clone());
    }
    post.push("post-status", "published");
    post.push("url", urls.note(&note.uid));
    post
}

/// Changes an article. Returns its address.
///
/// # Errors
/// If a property is invalid, or somebody else changed the article meanwhile.
pub(super) async fn update_article(
    app: &App,
    old: &Article,
    (replace, add, delete): (Properties, Properties, Deletion),
) -> Result<String, ApiError> {
    let mut post = of_article(app, old)?;
    post.apply(replace, add, &delete);
    let mut base = Fields::of(to_source(old)?);
    if delete.whole.iter().any(|name| name == "content-warning") {
        base.content_warning = None;
    }
    let mut fields = fields_of(app, &post, base).await?;
    if let Some(slug) = post.text("mp-slug") {
        fields.slug = Some(slug.to_owned());
    }
    let status = match post.text("post-status") {
        None | Some("published") => ArticleStatus::Published,
        Some("draft") => ArticleStatus::Draft,
        Some(other) => return Err(invalid(format!("there is no post-status {other:?}"))),
    };
    let source = parse(&fields.to_file_text())?;
    let leniency = Leniency {
        is_lenient: false,
        known: Some(&old.markdown),
    };
    let mut prepared = articles::prepare(&app.node, source, Some(old), leniency).await?;
    prepared.status = Some(status);
    let announcement = match old.status {
        ArticleStatus::Draft => announcement(&post, articles::date_at_publication(old)),
        ArticleStatus::Published => Announcement::Tell,
    };
    articles::replace_by(&app.node, old, &prepared, announcement).await?;
    let row = app.node.store.read().await?.article_by_id(old.id).await?;
    let row = row.ok_or_else(|| ApiError::not_found("post"))?;
    Ok(app.node.urls().permalink(&row))
}
