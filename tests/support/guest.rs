//! A reader who comments without an account, with a browser that keeps one cookie.

use super::{Response, TestNode, node::Article};
use pamphlet::{node::tokens::Purpose, store};
use std::sync::Mutex;
use url::form_urlencoded;

/// A browser at an address, behind the node's reverse proxy.
pub(crate) struct Guest<'a> {
    node: &'a TestNode,
    address: String,
    pub cookie: Mutex<Option<String>>,
    client: reqwest::Client,
}

impl<'a> Guest<'a> {
    pub(crate) fn at(node: &'a TestNode, address: &str) -> Self {
        Guest {
            node,
            address: address.to_owned(),
            cookie: Mutex::default(),
            client: node.client(),
        }
    }

    /// Returns the token of a comment form that was shown this many seconds ago.
    pub(crate) fn token(&self, article: &Article, seconds: i64) -> String {
        let uid = article.id.rsplit('/').next().unwrap();
        let shown = store::now() - seconds * 1000;
        let day = 24 * 60 * 60 * 1000;
        let tokens = &self.node.node.tokens;
        tokens.sign(Purpose::Form, &format!("{uid} {shown}"), shown + day)
    }

    /// Posts a comment with a form that was shown a minute ago.
    pub(crate) async fn write(&self, article: &Article, fields: &[(&str, &str)]) -> Response {
        let token = self.token(article, 60);
        let mut all = vec![("token", token.as_str()), ("do", "post")];
        all.extend(fields);
        self.send(article, &all, &[]).await
    }

    /// Posts these fields to the comments of an article.
    pub(crate) async fn send(
        &self,
        article: &Article,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Response {
        let path = article.id.strip_prefix(&self.node.origin).unwrap();
        self.post(&format!("{path}/comments"), fields, headers)
            .await
    }

    /// Posts a form.
    pub(crate) async fn post(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Response {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let mut all = vec![
            ("content-type", "application/x-www-form-urlencoded"),
            ("x-forwarded-for", &self.address),
        ];
        all.retain(|(name, _)| headers.iter().all(|(other, _)| other != name));
        all.extend(headers);
        self.raw(path, &all, body.into_bytes()).await
    }

    /// Posts any body.
    pub(crate) async fn raw(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Response {
        let mut request = self.client.post(self.node.url(path)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookie = self.cookie.lock().unwrap().clone();
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let response = request.send().await.unwrap();
        if let Some(set) = response.headers().get("set-cookie") {
            let cookie = set.to_str().unwrap().split(';').next().unwrap();
            *self.cookie.lock().unwrap() = Some(cookie.to_owned());
        }
        Response {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }
}
