//! The server under test as those see it who get its deliveries: where its actors' keys are fetched.

use crate::{connection::Connection, world::lock};
use http::{Request, header};
use http_body_util::Full;
use serde_json::Value;
use std::{collections::HashMap, net::SocketAddr, sync::Mutex};

/// Where the server listens, and the keys that were fetched from it.
#[derive(Default)]
pub(crate) struct Sender {
    address: Mutex<Option<SocketAddr>>,
    keys: Mutex<HashMap<String, String>>,
}

impl Sender {
    /// Names the server, and forgets the keys of the former one.
    pub(crate) fn set(&self, address: SocketAddr) {
        *lock(&self.address) = Some(address);
        lock(&self.keys).clear();
    }

    /// Returns a public key in PEM, fetched once.
    pub(crate) async fn key(&self, key_id: &str) -> Result<String, String> {
        if let Some(pem) = lock(&self.keys).get(key_id) {
            return Ok(pem.clone());
        }
        let pem = self
            .fetch(key_id)
            .await
            .map_err(|error| format!("{key_id}: {error}"))?;
        lock(&self.keys).insert(key_id.to_owned(), pem.clone());
        Ok(pem)
    }

    async fn fetch(&self, key_id: &str) -> anyhow::Result<String> {
        let address = lock(&self.address).ok_or_else(|| anyhow::anyhow!("no target is set"))?;
        let uri: http::Uri = key_id.split('#').next().unwrap_or(key_id).parse()?;
        let request = Request::get(uri.path())
            .header(
                header::HOST,
                uri.authority().map_or("", |host| host.as_str()),
            )
            .header(header::ACCEPT, "application/activity+json")
            .body(Full::default())?;
        let (status, body) = Connection::to(address).send(request).await?;
        anyhow::ensure!(status.is_success(), "{status}");
        let document: Value = serde_json::from_slice(&body)?;
        document["publicKey"]["publicKeyPem"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| anyhow::anyhow!("no publicKeyPem"))
    }
}
