//! Requests to a node under test, and its responses.

use super::{Article, TestNode};
use reqwest::header::HeaderMap;
use serde_json::Value;

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

/// The response to a request, read to its end.
pub(crate) struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Response {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

impl TestNode {
    /// Gets a path or a URL with an `Accept` header.
    pub(crate) async fn get_as(&self, target: &str, accept: &str) -> Response {
        self.get_with(target, &[("accept", accept)]).await
    }

    /// Gets a path or a URL with these headers.
    pub(crate) async fn get_with(&self, target: &str, headers: &[(&str, &str)]) -> Response {
        let url = if target.starts_with('/') {
            self.url(target)
        } else {
            target.to_owned()
        };
        let mut request = self.client.get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        Response {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    /// Gets a page as it is now, as a browser that reloads does.
    pub(crate) async fn page(&self, target: &str) -> Response {
        let headers = [("accept", BROWSER), ("cache-control", "no-cache")];
        self.get_with(target, &headers).await
    }

    /// Gets a page as a browser does: it may be up to a second old.
    pub(crate) async fn cached_page(&self, target: &str) -> Response {
        self.get_as(target, BROWSER).await
    }

    /// Returns the status and the bytes of a file.
    pub(crate) async fn get_bytes(&self, path: &str) -> (u16, Vec<u8>) {
        let response = self.client.get(self.url(path)).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.bytes().await.unwrap().to_vec())
    }

    /// Gets an ActivityPub document as it is now.
    pub(crate) async fn document(&self, target: &str) -> Response {
        let accept = ("accept", "application/activity+json");
        self.get_with(target, &[accept, ("cache-control", "no-cache")])
            .await
    }

    /// Returns the ids of the comments on the first page of an article's replies.
    pub(crate) async fn replies(&self, article: &Article) -> Vec<String> {
        let url = format!("{}/replies?page=first", article.id);
        let page = self.document(&url).await.json();
        let ids = page["orderedItems"].as_array().unwrap().iter();
        ids.map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    /// Returns the `totalItems` of a collection, given by its path or URL.
    pub(crate) async fn total(&self, collection: &str) -> i64 {
        self.document(collection).await.json()["totalItems"]
            .as_i64()
            .unwrap()
    }
}
