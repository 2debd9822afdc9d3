//! The page of an article with its conversation.

use super::{
    adopted,
    authors::author_of,
    neighbours::neighbours_of,
    permalink::{self, Permalink},
};
use crate::{
    base::time,
    content::{FederatedForm, Slug, hashtag, html::smart_text, markdown},
    federation::objects::{
        articles,
        mentions::References,
        pictures::{self, ArticlePicture},
    },
    media,
    node::Inner,
    store::{self, Article, Conn},
    web::{
        activitypub,
        app::{App, card_of, interact_url, own_link},
        artwork::card_of_article,
        comments::{self, CommentQuery},
        response::{
            self, Format, WebError, moved, moved_permanently, preferred_format, shared, with_query,
        },
        texts::{self, TextPlace},
        views::{self, ArticlePage, Link, Reactions},
    },
};
use axum::{
    extract::{OriginalUri, Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use std::collections::HashSet;

/// The maximum number of quotes that are listed.
const QUOTES: i64 = 20;

/// `GET /{year}/{month}/{slug}`: the page, or the ActivityPub object for servers, which link to this address too.
pub(crate) async fn show(
    State(app): State<App>,
    Path((_, _, slug)): Path<(String, String, String)>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<CommentQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let article = match permalink::find(&mut conn, &slug, uri.path()).await? {
        Permalink::Article(article) => article,
        Permalink::Moved(current) => {
            let target = with_query(&current, uri.query());
            return Ok(if slug.parse::<Slug>().is_ok() {
                moved_permanently(app.node.urls(), &target)
            } else {
                // No article here has such an address: other software had it.
                moved(&app.node.urls().at(&target))
            });
        }
        Permalink::Absent(publication) => {
            if publication.is_none()
                && let Some(response) = adopted::redirect(&app, &mut conn, &uri).await?
            {
                return Ok(response);
            }
            return activitypub::article::absent(&app, &headers, publication);
        }
    };
    match preferred_format(&headers) {
        Format::Activity => activitypub::article::document(&app, &mut conn, &headers, &article)
            .await
            .map(response::private),
        Format::Html => page(&app, &mut conn, &headers, &article, &query).await,
    }
}

async fn page(
    app: &App,
    conn: &mut Conn,
    headers: &HeaderMap,
    article: &Article,
    query: &CommentQuery,
) -> Result<Response, WebError> {
    let (view, discussion) = views_of(app, conn, article, query).await?;
    let alternate = view.activity.as_ref().map(ToString::to_string);
    let token = discussion.form.as_ref().map(|form| form.token.clone());
    let neighbours = neighbours_of(app, conn, article).await?;
    let page = ArticlePage::new(&app.site, view, discussion).with_neighbours(neighbours);
    let page = app.render(&page);
    let response = match token {
        Some(token) => response::page_with_token(headers, page, alternate.as_deref(), &token),
        None => response::page(headers, page, alternate.as_deref()),
    };
    response.map(shared)
}

/// Returns the page of an article that readers can't see yet.
///
/// # Errors
/// If the database fails.
pub(super) async fn draft<'a>(
    app: &'a App,
    conn: &mut Conn,
    article: &Article,
) -> Result<ArticlePage<'a>, WebError> {
    let (view, discussion) = views_of(app, conn, article, &CommentQuery::default()).await?;
    Ok(ArticlePage::new(&app.site, view, discussion).into_draft())
}

/// Returns the page of an article as it is or will be, for a preview.
///
/// # Errors
/// If the database fails.
pub(in crate::web) async fn preview<'a>(
    app: &'a App,
    conn: &mut Conn,
    article: &Article,
) -> Result<ArticlePage<'a>, WebError> {
    let (view, discussion) = views_of(app, conn, article, &CommentQuery::default()).await?;
    Ok(ArticlePage::new(&app.site, view, discussion))
}

async fn views_of(
    app: &App,
    conn: &mut Conn,
    article: &Article,
    query: &CommentQuery,
) -> Result<(views::Article, views::Discussion), WebError> {
    let (discussion, reactions) = comments::discussion(app, conn, article, query).await?;
    let linked = References::of_article(&app.node, conn, article).await?;
    let mut view = article_view(app, article, &linked, reactions);
    view.author.handle = own_handle(app, conn, article).await?;
    if app.site.is_static || conn.is_of_deleted_actor(&article.uid).await? {
        // Other servers know the article as deleted, or nobody responds to them.
        (view.activity, view.remote_reply) = (None, None);
    }
    view.quotes = quotes_of(conn, article.id).await?;
    if let Some(image) = &mut view.image
        && image.size.is_none()
    {
        image.size = size_of(app, &image.src).await;
    }
    if let Some(image) = &mut view.preview
        && image.size.is_none()
    {
        image.size = size_of(app, image.url.as_str()).await;
    }
    Ok((view, discussion))
}

fn article_view(
    app: &App,
    article: &Article,
    linked: &References,
    reactions: Reactions,
) -> views::Article {
    let urls = app.node.urls();
    let permalink = urls.permalink(article);
    let base = url::Url::parse(&permalink).unwrap_or_else(|_| urls.base().clone());
    let rendered = markdown::render_with_links(&article.markdown, &base, &linked.links);
    let id = urls.article_id(&article.uid, article.object_uri.as_deref());
    let is_federated = articles::form_of(article, &app.node.config) != FederatedForm::No;
    let lead = article.image_url.as_deref();
    let lead = lead.and_then(|address| base.join(address).ok());
    let image = lead.and_then(|lead| {
        let alt = article.image_alt.clone();
        texts::picture_of(&ArticlePicture::at(&lead, alt, &linked.media, urls))
    });
    let data = &app.node.config.data;
    let pictures = pictures::of_article(article, &rendered, &linked.media, urls, &base, data);
    let preview = pictures.iter().find(|picture| picture.is_picture());
    let language = article.language.as_ref().unwrap_or(&app.site.language);
    let place = TextPlace {
        language,
        locale: texts::locale_of(app, language),
        top_heading: 2,
        is_main: true,
        follows_picture: image.is_some() || article.content_warning.is_some(),
    };
    let content = texts::decorated(&rendered, &texts::files_of(&linked.media, urls), place);
    views::Article {
        title: article.title.clone(),
        author: author_of(app, article),
        published: time::from_millis(article.published_at).into(),
        updated: article
            .updated_at
            .map(|time| time::from_millis(time).into()),
        language: language.clone(),
        tags: tags_of(app, article),
        excerpt: article
            .summary
            .clone()
            .unwrap_or_else(|| smart_text(&rendered.excerpt, language)),
        image,
        preview: preview.and_then(|picture| texts::preview_of(picture, urls)),
        card: card_of(urls, &article.uid, &card_of_article(&app.node, article)),
        content_warning: article.content_warning.clone(),
        content,
        permalink: own_link(&permalink),
        activity: is_federated.then(|| own_link(&id)),
        remote_reply: is_federated.then(|| interact_url(&id)),
        indexable: app.site.indexable,
        reactions,
        quotes: Vec::new(),
    }
}

/// Returns the size of a local picture that has no row.
pub(crate) async fn size_of(app: &App, address: &str) -> Option<(u32, u32)> {
    let folder = app.node.urls().at("/media/");
    let name = address.strip_prefix(&folder)?.to_owned();
    let data = app.node.config.data.clone();
    let size = tokio::task::spawn_blocking(move || media::dimensions(&name, &data)).await;
    size.ok().flatten()
}

/// Returns the handle of the author's own actor, if there is one.
async fn own_handle(
    app: &App,
    conn: &mut Conn,
    article: &Article,
) -> Result<Option<String>, WebError> {
    let Some(username) = &article.author_username else {
        return Ok(None);
    };
    let found = app.node.local_actors.find_by_name(conn, username).await?;
    Ok(found
        .filter(|local| local.row.kind == store::ActorKind::Author)
        .map(|local| app.node.handle(&local.row)))
}

/// Returns links to the newest posts that quote an article, labelled with the handles of their authors.
async fn quotes_of(conn: &mut Conn, article_id: i64) -> Result<Vec<views::NamedLink>, WebError> {
    let quotes = conn.shown_quotes(article_id, QUOTES).await?;
    let link = |quote: store::ShownQuote| {
        Some(views::NamedLink {
            label: Inner::remote_handle(&quote.username, &quote.handle_host),
            url: Link::parse(&quote.url)?,
        })
    };
    Ok(quotes.into_iter().filter_map(link).collect())
}

pub(super) fn tags_of(app: &App, article: &Article) -> Vec<views::Tag> {
    let tag = |name: &String| views::Tag {
        url: Link::parse(&app.node.urls().tag(name)),
        name: name.clone(),
    };
    let mut known = HashSet::new();
    let once = article
        .tags
        .iter()
        .filter(|name| known.insert(hashtag::key(name)));
    once.map(tag).collect()
}
