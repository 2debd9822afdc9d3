//! Discovery: WebFinger (RFC 7033), NodeInfo and host-meta (RFC 6415).

use super::actor;
use crate::{
    federation::remote::remote_interaction::{INTENTS, SUBSCRIBE},
    node::{
        local_actors::LocalActor,
        urls::{Named, Urls},
    },
    protocol::{ACTIVITY_JSON, normalize_percent_encoding},
    store::{self, ActorKind, LocalActorRow},
    web::{
        app::{App, SOURCE_PATH},
        response::{WebError, allow_all_origins, cached, shared},
    },
};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// `?resource=`.
#[derive(Deserialize)]
pub(crate) struct WebFingerQuery {
    resource: Option<String>,
}

/// `GET /.well-known/webfinger?resource=`.
pub(crate) async fn webfinger(
    State(app): State<App>,
    Query(query): Query<WebFingerQuery>,
    headers: HeaderMap,
) -> Response {
    let response = webfinger_document(&app, query, &headers).await;
    allow_all_origins(response.into_response())
}

async fn webfinger_document(
    app: &App,
    query: WebFingerQuery,
    headers: &HeaderMap,
) -> Result<Response, WebError> {
    let resource = query
        .resource
        .filter(|resource| !resource.is_empty())
        .ok_or(WebError::BadRequest("the resource is missing"))?;
    let local = find(app, &resource).await?.ok_or(WebError::NotFound)?;
    let described = describe(app, &local);
    Ok(shared(document(headers, "application/jrd+json", described)))
}

fn document(headers: &HeaderMap, content_type: &'static str, text: String) -> Response {
    cached(headers, StatusCode::OK, content_type, "max-age=60", text)
}

/// Finds an actor by a handle with our domain or host, by its id, or by any address of its page.
///
/// # Errors
/// `GoneSince` if it was deleted.
async fn find(app: &App, resource: &str) -> Result<Option<Arc<LocalActor>>, WebError> {
    let node = &app.node;
    let urls = node.urls();
    if !urls.former_hosts().is_empty()
        && let Some(local) = at_former_domain(app, resource).await?
    {
        return Ok(Some(local));
    }
    let own = node.resolve(resource).await?;
    if urls.read(&own) == Some(Named::Instance) {
        return Ok(Some(node.instance().await?));
    }
    let username = match urls.actor_at(&own) {
        Some(username) => username,
        None => match account(resource) {
            Some((user, domain)) if urls.is_our_domain(domain) => {
                // An actor whose handle is `@example.org@example.org` has that name in place of the instance actor.
                let found = node.local_actors.by_handle(&node.store, &user).await?;
                let is_instance = found.as_ref().map_or_else(
                    || urls.is_our_domain(&user),
                    |local| {
                        local.row.kind == ActorKind::Instance
                            && local.row.addresses.handle.is_some()
                    },
                );
                if is_instance {
                    return Ok(Some(node.instance().await?));
                }
                if let Some(local) = found.filter(|local| local.row.kind != ActorKind::Instance) {
                    return Ok(Some(local));
                }
                user
            }
            _ => return Ok(None),
        },
    };
    match actor::find(app, &username).await {
        Ok(local) => Ok(Some(local)),
        Err(WebError::NotFound) => Ok(None),
        Err(gone @ WebError::GoneSince(_)) => match actor::in_deletion(app, &username).await? {
            Some(local) => Ok(Some(local)),
            None => Err(gone),
        },
        Err(other) => Err(other),
    }
}

/// Finds an actor that stayed on a former domain by its handle there.
async fn at_former_domain(app: &App, resource: &str) -> Result<Option<Arc<LocalActor>>, WebError> {
    let Some((user, domain)) = account(resource) else {
        return Ok(None);
    };
    let node = &app.node;
    let handle = format!("{user}@{domain}");
    let username = node
        .store
        .read()
        .await?
        .username_of_former_handle(&handle)
        .await?;
    Ok(match username {
        Some(username) => node.local_actors.by_name(&node.store, &username).await?,
        None => None,
    })
}

/// Returns the user, in lower case, and the domain of `acct:user@domain`, `user@domain` or `@user@domain`.
fn account(resource: &str) -> Option<(String, &str)> {
    let has_scheme = |scheme: &str| {
        let start = resource.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let account = if has_scheme("acct:") {
        &resource["acct:".len()..]
    } else {
        resource
    };
    let (user, domain) = account.trim_start_matches('@').rsplit_once('@')?;
    Some((normalize_percent_encoding(user).to_lowercase(), domain))
}

fn describe(app: &App, local: &LocalActor) -> String {
    let urls = app.node.urls();
    let profile = urls.profile(local.row.kind, &local.row.username);
    let mut links = vec![
        json!({"rel": "self", "type": ACTIVITY_JSON, "href": local.uri}),
        json!({"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": profile}),
        json!({"rel": SUBSCRIBE, "template": urls.at("/authorize_interaction?uri={uri}")}),
    ];
    if local.row.kind == ActorKind::Site {
        links.extend(intents(urls));
    }
    json!({
        "subject": format!("acct:{}", app.node.handle(&local.row).trim_start_matches('@')),
        "aliases": [local.uri, profile],
        "links": links,
    })
    .to_string()
}

/// Returns the links by which the admin acts on objects of other servers (FEP-3b86). One page serves all of them. Servers
/// read the address from `href` or from `template`.
fn intents(urls: &Urls) -> impl Iterator<Item = Value> {
    let at = |parameter: &str| urls.at(&format!("/authorize_interaction?uri={{{parameter}}}"));
    [
        ("Follow", at("object")),
        ("Like", at("object")),
        ("Announce", at("object")),
        ("Create", at("inReplyTo")),
        ("Object", at("object")),
    ]
    .into_iter()
    .map(|(name, address)| {
        json!({"rel": format!("{INTENTS}{name}"), "href": address, "template": address})
    })
}

/// `GET /.well-known/nodeinfo`, with the application actor (FEP-2677).
pub(crate) async fn nodeinfo_links(State(app): State<App>, headers: HeaderMap) -> Response {
    let urls = app.node.urls();
    let links = json!({"links": [
        {"rel": "http://nodeinfo.diaspora.software/ns/schema/2.1", "href": urls.at("/nodeinfo/2.1")},
        {"rel": "https://www.w3.org/ns/activitystreams#Application", "href": urls.actor(ActorKind::Instance, "")},
    ]});
    allow_all_origins(document(&headers, "application/json", links.to_string()))
}

/// `GET /nodeinfo/2.1`.
pub(crate) async fn nodeinfo(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    nodeinfo_document(&app, &headers, "2.1").await
}

/// `GET /nodeinfo/2.0`, for servers that know the document of other software: an address from it can lead here.
pub(crate) async fn nodeinfo_2_0(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    nodeinfo_document(&app, &headers, "2.0").await
}

async fn nodeinfo_document(
    app: &App,
    headers: &HeaderMap,
    version: &str,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let actors = conn.local_actors().await?;
    let users = actors
        .iter()
        .filter(|actor: &&LocalActorRow| matches!(actor.kind, ActorKind::Site | ActorKind::Author))
        .count();
    let site = &app.node.config.site;
    let days = |days: i64| store::now() - days * 24 * 60 * 60 * 1000;
    let mut software = json!({"name": "pamphlet", "version": env!("CARGO_PKG_VERSION")});
    if version == "2.1" {
        software["repository"] = json!(app.node.urls().at(SOURCE_PATH));
    }
    let description = json!({
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": ["atom1.0"]},
        "openRegistrations": false,
        "usage": {
            "users": {
                "total": users,
                "activeMonth": conn.count_active_authors(days(30)).await?,
                "activeHalfyear": conn.count_active_authors(days(180)).await?,
            },
            "localPosts": conn.count_articles().await?,
            "localComments": 0,
        },
        "metadata": {"nodeName": site.name, "nodeDescription": app.site.description},
    });
    let profile = if version == "2.1" {
        "application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/2.1#\""
    } else {
        "application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/2.0#\""
    };
    Ok(allow_all_origins(document(
        headers,
        profile,
        description.to_string(),
    )))
}

/// `GET /.well-known/host-meta`.
pub(crate) async fn host_meta(State(app): State<App>, headers: HeaderMap) -> Response {
    let template = app.node.urls().at("/.well-known/webfinger?resource={uri}");
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <XRD xmlns=\"http://docs.oasis-open.org/ns/xri/xrd-1.0\">\n  \
         <Link rel=\"lrdd\" type=\"application/jrd+json\" template=\"{template}\"/>\n</XRD>\n"
    );
    allow_all_origins(document(
        &headers,
        "application/xrd+xml; charset=utf-8",
        text,
    ))
}
