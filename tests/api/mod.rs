//! The API of programs: tokens, articles, media and moderation.

mod access;
mod articles;
mod document;
pub(crate) mod media;
mod properties;
mod publication;

use crate::support::{Response, TestNode};
use reqwest::Method;
use serde_json::{Value, json};

/// A program with a token.
pub(crate) struct Client<'a> {
    pub(crate) node: &'a TestNode,
    pub(crate) token: String,
}

impl<'a> Client<'a> {
    /// Makes a token with these scopes.
    pub(crate) async fn new(node: &'a TestNode, scope: &str) -> Client<'a> {
        let name = format!("test {scope}");
        let made = node
            .admin_json(&["token", "create", "--name", &name, "--scope", scope])
            .await;
        let token = made["token"].as_str().unwrap().to_owned();
        Client { node, token }
    }

    /// Returns a request with the token.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = match path.starts_with('/') {
            true => self.node.url(path),
            false => path.to_owned(),
        };
        self.node
            .client()
            .request(method, url)
            .bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        sent(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        sent(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Response {
        sent(self.request(Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Response {
        sent(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Response {
        sent(self.request(Method::DELETE, path)).await
    }

    /// Creates an article. Returns its document.
    pub(crate) async fn article(&self, body: Value) -> Value {
        let made = self.post("/api/v1/articles", body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()
    }
}

/// Sends a request, and reads the response to its end.
pub(crate) async fn sent(request: reqwest::RequestBuilder) -> Response {
    let response = request.send().await.unwrap();
    Response {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        text: response.text().await.unwrap(),
    }
}

/// Asserts that a response is a problem with this status and code.
#[track_caller]
pub(crate) fn assert_problem(response: &Response, status: u16, code: &str) {
    assert_eq!(response.status, status, "{}", response.text);
    assert_eq!(
        response.header("content-type"),
        "application/problem+json",
        "{}",
        response.text
    );
    let problem = response.json();
    assert_eq!(problem["code"], json!(code), "{}", response.text);
    assert_eq!(problem["status"], json!(status));
    assert!(!problem["detail"].as_str().unwrap().is_empty());
    assert_eq!(
        problem["type"],
        json!(format!("/api/v1/problems#{code}")),
        "{}",
        response.text
    );
}

/// Returns the address of the next page, from the header `Link`.
pub(crate) fn next_of(response: &Response) -> Option<String> {
    let link = response.header("link").strip_prefix('<')?;
    let (url, rest) = link.split_once('>')?;
    assert_eq!(rest, "; rel=\"next\"");
    assert_eq!(response.json()["next"], json!(url));
    Some(url.to_owned())
}
