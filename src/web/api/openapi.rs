//! The description of the API in OpenAPI 3.1, made from the handlers.

use super::{articles, comments, media, moderation, notes, pages, problem, search, site};
use crate::web::{
    api::answer::{ApiResult, json},
    app::App,
};
use axum::{extract::State, http::StatusCode};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        LicenseBuilder, Server,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Pamphlet",
        description = "The API of a Pamphlet node. docs/api.md explains it with examples."
    ),
    paths(
        site::show,
        articles::index,
        articles::create,
        articles::show,
        articles::actions::replace,
        articles::actions::patch,
        articles::actions::delete,
        articles::actions::publish,
        articles::actions::unpublish,
        articles::actions::schedule,
        search::search,
        pages::index,
        pages::create,
        pages::show,
        pages::replace,
        pages::delete,
        notes::index,
        notes::create,
        notes::show,
        notes::delete,
        comments::index,
        comments::show,
        comments::delete,
        comments::decision,
        comments::reply,
        moderation::blocks,
        moderation::set_block,
        moderation::remove_block,
        moderation::filters,
        moderation::set_filter,
        moderation::remove_filter,
        moderation::reports::notices,
        moderation::reports::log,
        media::index,
        media::upload,
        media::show,
        media::patch,
        media::delete,
    ),
    components(schemas(problem::ProblemDetails)),
    tags(
        (name = "site", description = "The publication and its node"),
        (name = "articles", description = "Articles, with drafts"),
        (name = "pages", description = "Static pages"),
        (name = "notes", description = "Short posts and replies"),
        (name = "comments", description = "Comments on articles"),
        (name = "moderation", description = "Blocks, filters, notices and the log"),
        (name = "media", description = "Pictures, audio and video files"),
    ),
    modifiers(&Token)
)]
struct Description;

/// Adds the scheme of tokens.
struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("pamphlet_[a-z2-7]{59}")
            .description(Some("A token that `pamphlet token create` makes"))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
        let mut license = LicenseBuilder::new().name("AGPL-3.0-only").build();
        license.identifier = Some("AGPL-3.0-only".to_owned());
        document.info.license = Some(license);
    }
}

/// Returns the description of the API, without the address of a node.
pub(super) fn document() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

/// `GET /api/v1/openapi.json`: needs no token, as it is the same on every node.
pub(super) async fn show(State(app): State<App>) -> ApiResult {
    let mut document = document();
    let url = app.node.urls().home();
    document.servers = Some(vec![Server::new(url.trim_end_matches('/'))]);
    json(StatusCode::OK, &document)
}
