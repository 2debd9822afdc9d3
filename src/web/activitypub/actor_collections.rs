//! The collections of local actors.

use super::{
    actor,
    collections::{self, PAGE, Page, PageQuery, Part},
};
use crate::{
    federation::{
        inbox::authorized_fetch,
        objects::{documents, features, mentions},
        remote::requests::permits,
    },
    store::{ActorKind, FollowerState},
    web::{
        app::App,
        request::{Peer, add_host, signed_parts},
        response::{self, WebError, inbox_error, shared},
    },
};
use axum::{
    extract::{OriginalUri, Path, Query, State},
    http::{HeaderMap, Method},
    response::Response,
};
use serde_json::{Value, json};

/// The maximum number of featured tags.
const TAGS: usize = 20;

/// `GET /actor/outbox`: empty, because the instance actor publishes nothing.
pub(crate) async fn instance_outbox(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let id = app.node.instance().await?.outbox();
    Ok(collections::whole(&headers, &id, 0, true))
}

/// `GET /users/{name}/outbox`.
pub(crate) async fn outbox(
    State(app): State<App>,
    Path(username): Path<String>,
    Query(query): Query<PageQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let local = actor::find(&app, &username).await?;
    let id = local.outbox();
    let mut conn = app.node.store.read().await?;
    let part = query.part()?;
    let before = match part {
        Part::Whole => {
            let total = conn.count_outbox(local.row.id).await?;
            return Ok(shared(collections::whole(&headers, &id, total, true)));
        }
        Part::First => i64::MAX,
        Part::From(number) => number,
    };
    let rows = conn.outbox(local.row.id, before, PAGE + 1).await?;
    let prev = match part {
        Part::From(_) => Some(conn.outbox_page_before(local.row.id, before, PAGE).await?),
        _ => None,
    };
    let page = Page::new(
        rows,
        prev,
        |row| row.id,
        |row| serde_json::from_str(&row.body).unwrap_or(Value::Null),
    );
    Ok(shared(collections::page(&headers, &id, &part, page)))
}

/// `GET /users/{name}/followers`: only the number, if the list is hidden.
pub(crate) async fn followers(
    State(app): State<App>,
    Path(username): Path<String>,
    Query(query): Query<PageQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let local = actor::find(&app, &username).await?;
    let id = local.followers();
    let open = !app.node.config.followers.hide;
    let mut conn = app.node.store.read().await?;
    let part = query.part()?;
    let before = match part {
        Part::Whole => {
            let total = conn.count_followers(local.row.id).await?;
            return Ok(shared(collections::whole(&headers, &id, total, open)));
        }
        _ if !open => return Err(WebError::NotFound),
        Part::First => i64::MAX,
        Part::From(number) => number,
    };
    let rows = conn
        .followers(local.row.id, FollowerState::Accepted, before, PAGE + 1)
        .await?;
    let prev = match part {
        Part::From(_) => Some(
            conn.followers_page_before(local.row.id, before, PAGE)
                .await?,
        ),
        _ => None,
    };
    let page = Page::new(rows, prev, |row| row.id, |row| json!(row.uri));
    Ok(shared(collections::page(&headers, &id, &part, page)))
}

/// `GET /users/{name}/followers_synchronization`: the followers on the server that signed the request
/// (FEP-8fcf).
pub(crate) async fn followers_synchronization(
    State(app): State<App>,
    Path(username): Path<String>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    peer: Peer,
    mut headers: HeaderMap,
) -> Result<Response, WebError> {
    let local = actor::find(&app, &username).await?;
    let network = peer.network(&headers, &app);
    add_host(&mut headers, &uri);
    let request = signed_parts(&method, &uri, &headers, &[]);
    let context = app.context();
    let signer = Box::pin(authorized_fetch::signer(&request, &context));
    let signer = match permits::responding(network, signer).await {
        Ok(signer) => signer,
        Err(error) => return Ok(inbox_error(&error)),
    };
    let mut conn = app.node.store.read().await?;
    let items = conn.followers_on(local.row.id, &signer.row.host).await?;
    let part = json!({
        "id": local.partial_followers(),
        "type": "OrderedCollection",
        "totalItems": items.len(),
        "orderedItems": items,
    });
    Ok(response::activity(&headers, documents::plain(&part)))
}
/// `GET /users/{name}/following`: the actors that accepted a follow request.
pub(crate) async fn following(
    State(app): State<App>,
    Path(username): Path<String>,
    Query(query): Query<PageQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let local = actor::find(&app, &username).await?;
    let id = local.following();
    let mut conn = app.node.store.read().await?;
    let part = query.part()?;
    let before = match part {
        Part::Whole => {
            let total = conn.count_following(local.row.id).await?;
            return Ok(collections::whole(&headers, &id, total, true));
        }
        Part::First => i64::MAX,
        Part::From(number) => number,
    };
    let rows = conn.following(local.row.id, true, before, PAGE + 1).await?;
    let prev = match part {
        Part::From(_) => Some(
            conn.following_page_before(local.row.id, before, PAGE)
                .await?,
        ),
        _ => None,
    };
    let page = Page::new(rows, prev, |row| row.id, |row| json!(row.uri));
    Ok(collections::page(&headers, &id, &part, page))
}

/// `GET /users/{name}/featured`: the ids of the pinned articles (Mastodon's `featured`).
pub(crate) async fn featured(
    State(app): State<App>,
    Path(username): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let local = actor::find(&app, &username).await?;
    let mut conn = app.node.store.read().await?;
    let ids = features::featured_ids(&app.node, &mut conn, &local).await?;
    drop(conn);
    let ids = ids.into_iter().map(Value::String);
    Ok(unpaged(&headers, &local.featured(), ids.collect()))
}

/// `GET /users/{name}/tags`: the most used tags with their numbers of articles (Mastodon's `featuredTags`).
pub(crate) async fn tags(
    State(app): State<App>,
    Path(username): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let local = actor::find(&app, &username).await?;
    let top = match local.row.kind {
        ActorKind::Site => app.node.store.read().await?.top_tags(TAGS).await?,
        _ => Vec::new(),
    };
    let tags = top.iter().filter_map(|(tag, articles)| {
        let hashtag = mentions::hashtag(tag, app.node.urls().tag(tag))?;
        let mut tag = serde_json::to_value(hashtag).ok()?;
        tag["totalItems"] = json!(articles);
        Some(tag)
    });
    Ok(unpaged(&headers, &local.featured_tags(), tags.collect()))
}

/// Returns a short collection with all of its items, as Mastodon expects it.
fn unpaged(headers: &HeaderMap, id: &str, items: Vec<Value>) -> Response {
    let collection = json!({
        "id": id,
        "type": "OrderedCollection",
        "totalItems": items.len(),
        "orderedItems": items,
    });
    shared(response::activity(
        headers,
        documents::post_in_context(&collection),
    ))
}
