//! A signed GET of another server that a test can spoil.

use super::{Actor, TestNode, node::Response};
use chrono::{DateTime, Utc};
use pamphlet::crypto::{
    keys::PrivateKey,
    signatures::{
        Style,
        sign::{Action, RequestToSign, sign},
    },
};
use std::sync::Arc;

const ACTIVITY: &str = "application/activity+json";

/// A signed GET that a test can spoil.
pub(crate) struct SignedGet<'a> {
    pub style: Style,
    pub key: Arc<PrivateKey>,
    pub key_id: &'a str,
    /// The signed URL, if it is not the requested one.
    pub signed_url: Option<String>,
    pub at: DateTime<Utc>,
}

impl<'a> SignedGet<'a> {
    pub(crate) fn by(actor: &'a Actor) -> Self {
        SignedGet {
            style: Style::Cavage,
            key: actor.key.clone(),
            key_id: &actor.key_id,
            signed_url: None,
            at: Utc::now(),
        }
    }

    pub(crate) async fn of(&self, node: &TestNode, url: &str) -> Response {
        let signed_url = self.signed_url.as_deref().unwrap_or(url).parse().unwrap();
        let request = RequestToSign {
            url: &signed_url,
            now: self.at,
            action: Action::Get { accept: ACTIVITY },
        };
        let headers = sign(self.style, &self.key, self.key_id, &request).unwrap();
        let mut pairs = vec![("accept", ACTIVITY)];
        for (name, value) in &headers {
            if name != "host" && name != "accept" {
                pairs.push((name.as_str(), value.to_str().unwrap()));
            }
        }
        node.get_with(url, &pairs).await
    }
}
