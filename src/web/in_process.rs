//! Responds to requests of this program itself, without a connection.

use super::{app::App, server::router};
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{StatusCode, header::ACCEPT},
    response::{IntoResponse, Response},
};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

/// All routes of a node.
#[derive(Clone)]
pub(crate) struct InProcess(TowerToHyperService<Router>);

impl InProcess {
    pub(crate) fn new(app: App) -> Self {
        InProcess(TowerToHyperService::new(router(app)))
    }

    /// Responds to a reader's GET request for a path, which may have a query.
    pub(crate) async fn get(&self, target: &str) -> Response {
        let request = Request::builder()
            .uri(target)
            .header(ACCEPT, "text/html, */*;q=0.8")
            .body(Body::empty());
        let Ok(request) = request else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        match self.0.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}
