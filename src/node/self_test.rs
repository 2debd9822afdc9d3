//! The record of a self-test: `pamphlet doctor` leaves an empty one in the database and sends a request with its token;
//! the node that gets the request fills it in, once.
//!
//! A stranger can't use this: a token is signed with the node's secret and valid for two minutes, and nothing of the
//! record is in a response.

use super::{Node, tokens::Purpose};
use crate::store::{self, StoreError};
use serde::{Deserialize, Serialize};

/// The header that carries the token.
pub const HEADER: &str = "pamphlet-self-test";
/// How long a token is valid, in milliseconds.
const VALID: i64 = 2 * 60 * 1000;
/// The time after which a record that nobody read is removed, in milliseconds.
const KEPT: i64 = 10 * 60 * 1000;
/// The maximum number of headers in a record, and the length of each in characters.
const MAX_HEADERS: usize = 100;
const MAX_VALUE: usize = 2000;

/// A request as it arrived at the node.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Arrival {
    pub method: String,
    pub path: String,
    pub version: String,
    /// The address that the connection came from.
    pub peer: String,
    /// The address of the client, as far as the proxies report it.
    pub client: String,
    pub headers: Vec<(String, String)>,
    /// The length of the body, and its SHA-256 digest as in `Digest`. Absent if it was not read.
    pub body: Option<(usize, String)>,
    /// The reason for which a delivery like this would be refused.
    pub refusal: Option<String>,
}

impl Arrival {
    /// Returns headers in the form of a record, shortened.
    pub fn shorten(headers: &http::HeaderMap) -> Vec<(String, String)> {
        let shown = |value: &http::HeaderValue| {
            let text = String::from_utf8_lossy(value.as_bytes());
            text.chars().take(MAX_VALUE).collect()
        };
        let headers = headers.iter().take(MAX_HEADERS);
        headers
            .map(|(name, value)| (name.as_str().to_owned(), shown(value)))
            .collect()
    }
}

/// A self-test whose request was not sent yet.
#[derive(Debug)]
pub struct SelfTest {
    name: String,
    pub token: String,
}

impl SelfTest {
    /// Leaves an empty record, and removes those that nobody read.
    ///
    /// # Errors
    /// If the database can't be written.
    pub async fn begin(node: &Node) -> Result<SelfTest, StoreError> {
        let now = store::now();
        let name = format!("self_test:{now:015}:{}", store::new_uid());
        let mut tx = node.store.begin().await?;
        tx.delete_settings_between("self_test:", &format!("self_test:{:015}", now - KEPT))
            .await?;
        tx.set_setting(&name, "").await?;
        tx.commit().await?;
        let token = node.tokens.sign(Purpose::SelfTest, &name, now + VALID);
        Ok(SelfTest { name, token })
    }

    /// Returns the record, if a node filled it in, and removes it.
    ///
    /// # Errors
    /// If the database can't be used.
    pub async fn end(self, node: &Node) -> Result<Option<Arrival>, StoreError> {
        let mut tx = node.store.begin().await?;
        let record = tx.setting(&self.name).await?;
        tx.delete_setting(&self.name).await?;
        tx.commit().await?;
        Ok(record.and_then(|record| serde_json::from_str(&record).ok()))
    }
}

/// Returns the record that a token belongs to; `None` if the token is not ours or has expired. Reads no database.
pub fn record_of(token: &str, node: &Node) -> Option<String> {
    node.tokens.read(Purpose::SelfTest, token, store::now())
}

/// Fills in a record, unless it is filled in or gone.
///
/// # Errors
/// If the database can't be written.
pub async fn fill(record: &str, arrival: &Arrival, node: &Node) -> Result<(), StoreError> {
    let text = serde_json::to_string(arrival).unwrap_or_default();
    let mut tx = node.store.begin().await?;
    tx.fill_setting(record, &text).await?;
    tx.commit().await
}
