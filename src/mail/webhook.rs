//! Calls the admin's webhook: a signed request for each comment and notice.

use super::{Failure, SettingsError};
use crate::{
    config::Config,
    content::text::json_without_controls,
    federation::remote::{
        fetch,
        fetch_error::{cause, forbidden_below},
    },
    node::http,
    store::Message as Row,
};
use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use std::time::Duration;
use url::Url;

/// The time limit for a call.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Calls the configured URL.
pub(super) struct Webhook {
    client: reqwest::Client,
    url: Url,
    key: hmac::Key,
}

/// The event in the body of a call.
#[derive(Deserialize)]
struct Body {
    event: String,
}

impl Webhook {
    /// Creates the webhook from the configuration; `None` if it names no webhook.
    ///
    /// # Errors
    /// If an option is invalid.
    pub(super) fn new(config: &Config) -> Result<Option<Webhook>, SettingsError> {
        let Some(url) = &config.notices.webhook else {
            return Ok(None);
        };
        let url =
            fetch::check_inbox(url.as_str(), config.development).map_err(SettingsError::Webhook)?;
        let secret = config.notices.webhook_secret.as_ref();
        let secret = secret.filter(|secret| !secret.reveal().is_empty());
        let secret = secret.ok_or(SettingsError::NoSecret)?;
        Ok(Some(Webhook {
            client: http::guarded_client(config, TIMEOUT, http::IDLE)
                .map_err(|error| SettingsError::Webhook(error.to_string()))?,
            url,
            key: hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes()),
        }))
    }

    /// Makes a call. Returns the response's status as text.
    ///
    /// # Errors
    /// If the webhook can't be reached or does not accept the call.
    pub(super) async fn call(&self, row: &Row) -> Result<String, Failure> {
        let stored: Body = serde_json::from_str(&row.payload)
            .map_err(|_| Failure::Permanent("the stored message is not a webhook call".into()))?;
        let body = json_without_controls(&row.payload).into_owned();
        let request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("X-Pamphlet-Event", stored.event)
            .header("X-Pamphlet-Delivery", &row.uid)
            .header("X-Pamphlet-Signature", self.signature(&body))
            .body(body);
        match request.send().await {
            Ok(response) => classify(response.status().as_u16()),
            Err(error) => Err(match forbidden_below(&error) {
                Some(forbidden) => Failure::Permanent(forbidden.to_string()),
                None if error.is_timeout() => Failure::Transient("timed out".into()),
                None => Failure::Transient(cause(&error)),
            }),
        }
    }

    /// Returns the value of `X-Pamphlet-Signature`: an HMAC of the body (RFC 2104), in hexadecimal.
    fn signature(&self, body: &str) -> String {
        let mark = hmac::sign(&self.key, body.as_bytes());
        format!("sha256={}", HEXLOWER.encode(mark.as_ref()))
    }
}

fn classify(status: u16) -> Result<String, Failure> {
    let text = format!("returned status {status}");
    match status {
        200..300 => Ok(text),
        408 | 425 | 429 | 500.. => Err(Failure::Transient(text)),
        _ => Err(Failure::Permanent(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Overrides, Secret};

    fn config(url: &str, secret: &str) -> Config {
        let overrides = Overrides {
            public_url: Some("https://blog.example.org".into()),
            without_file: true,
            ..Overrides::default()
        };
        let mut config = Config::load_with(&overrides, &|_| None).unwrap();
        config.notices.webhook = Some(Url::parse(url).unwrap());
        config.notices.webhook_secret = serde_json::from_value::<Secret>(secret.into()).ok();
        config
    }

    #[tokio::test]
    async fn private_addresses_are_refused_outside_development() {
        let hook = Webhook::new(&config("https://localhost/hook", "hush"))
            .unwrap()
            .unwrap();
        let row = Row {
            id: 1,
            uid: "u".into(),
            channel: "webhook".into(),
            recipient: "localhost".into(),
            payload: "{\"event\":\"comment\"}".into(),
            attempts: 1,
            next_attempt_at: None,
            error: None,
            created_at: 1,
        };
        let error = hook.call(&row).await.unwrap_err();
        assert!(
            matches!(&error, Failure::Permanent(why) if why.contains("private")),
            "{error:?}"
        );
        for url in [
            "http://example.org/",
            "https://10.0.0.1/",
            "https://example.org:8443/",
        ] {
            assert!(Webhook::new(&config(url, "hush")).is_err(), "{url}");
        }
        assert!(Webhook::new(&config("https://example.org/", "")).is_err());
    }
}
