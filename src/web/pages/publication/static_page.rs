//! Static pages.

use super::privacy;
use crate::{
    base::time,
    content::{Slug, markdown},
    federation::objects::pictures::{ArticlePicture, MediaRows},
    store::{self, Conn},
    web::{
        app::{App, own_link},
        pages::{adopted, permalink},
        response::{self, WebError, moved_permanently, shared, with_query},
        texts::{self, TextPlace},
        views::{StaticPage, StaticPageView},
    },
};
use axum::{
    extract::{OriginalUri, Path, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use url::Url;

/// The slug of the page about privacy.
const PRIVACY: &str = "privacy";

/// `GET /{slug}`: a static page, or a redirect from its former address.
pub(crate) async fn show(
    State(app): State<App>,
    Path(slug): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let lower = slug.to_ascii_lowercase();
    let mut conn = app.node.store.read().await?;
    if lower.parse::<Slug>().is_err() {
        return former_address(&app, &mut conn, &uri).await;
    }
    let to = |slug: &str| {
        let target = with_query(&format!("/{slug}"), uri.query());
        moved_permanently(app.node.urls(), &target)
    };
    if let Some(page) = conn.page_by_slug(&lower).await? {
        if slug != lower {
            return Ok(to(&lower));
        }
        return page_of(&app, &mut conn, &headers, page).await;
    }
    let Some(former) = conn.former_page(&lower).await? else {
        return former_address(&app, &mut conn, &uri).await;
    };
    match (former.slug, former.gone_at) {
        (Some(current), _) => Ok(to(&current)),
        (None, Some(time)) => Err(WebError::GoneSince(time)),
        (None, None) => Err(WebError::NotFound),
    }
}

/// Redirects to the article or the page that was at an address before, for instance on another site.
async fn former_address(app: &App, conn: &mut Conn, uri: &Uri) -> Result<Response, WebError> {
    if let Some(current) = permalink::moved_from(conn, uri.path()).await? {
        let target = with_query(&current, uri.query());
        return Ok(response::moved(&app.node.urls().at(&target)));
    }
    let adopted = adopted::redirect(app, conn, uri).await?;
    adopted.ok_or(WebError::NotFound)
}

/// `GET /privacy`: the admin's page about privacy, or else one made from the configuration.
pub(crate) async fn show_privacy(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    match conn.page_by_slug(PRIVACY).await? {
        Some(page) => page_of(&app, &mut conn, &headers, page).await,
        None => privacy::page(&app, &headers),
    }
}

async fn page_of(
    app: &App,
    conn: &mut Conn,
    headers: &HeaderMap,
    page: store::StaticPage,
) -> Result<Response, WebError> {
    let urls = app.node.urls();
    let permalink = urls.at(&format!("/{}", page.slug));
    let base = Url::parse(&permalink).unwrap_or_else(|_| urls.base().clone());
    let rendered = markdown::render(&page.markdown, &base);
    let files = MediaRows::of(conn, &[Some(&page.markdown), page.image_url.as_deref()]).await?;
    let address = page.image_url.as_deref();
    let lead = address
        .and_then(|address| base.join(address).ok())
        .map(|url| ArticlePicture::at(&url, page.image_alt.clone(), &files, urls));
    let image = lead.as_ref().and_then(texts::picture_of);
    let language = page.language.unwrap_or_else(|| app.site.language.clone());
    let place = TextPlace {
        language: &language,
        locale: texts::locale_of(app, &language),
        top_heading: 2,
        is_main: true,
        follows_picture: image.is_some(),
    };
    let changed = page.updated_at.unwrap_or(page.created_at);
    let view = StaticPage {
        title: page.title,
        excerpt: page.summary.unwrap_or_else(|| rendered.excerpt.clone()),
        preview: lead.as_ref().and_then(|lead| texts::preview_of(lead, urls)),
        image,
        content: texts::decorated(&rendered, &texts::files_of(&files, urls), place),
        changed: time::from_millis(changed).into(),
        permalink: own_link(&permalink),
        language,
    };
    let html = app.render(&StaticPageView::new(&app.site, view));
    response::page(headers, html, None).map(shared)
}
