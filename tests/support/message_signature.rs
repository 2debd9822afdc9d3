//! A POST signed by RFC 9421, made by hand so that it can be wrong.

use super::signed_post::{RawResponse, SignedPost};
use base64::{Engine, engine::general_purpose::STANDARD};

impl SignedPost {
    /// Returns the headers `Signature-Input` and `Signature` over these components. The parameters are written as
    /// given, such as `;created=1`, and followed by the key id.
    pub(crate) fn message_signature(
        &self,
        components: &[&str],
        parameters: &str,
    ) -> (String, String) {
        let quoted: Vec<String> = components
            .iter()
            .map(|name| format!("\"{name}\""))
            .collect();
        let input = format!(
            "({}){parameters};keyid=\"{}\"",
            quoted.join(" "),
            self.key_id
        );
        let mut lines: Vec<String> = components
            .iter()
            .map(|name| format!("\"{name}\": {}", self.component(name)))
            .collect();
        lines.push(format!("\"@signature-params\": {input}"));
        let signature = self.key.sign(lines.join("\n").as_bytes()).unwrap();
        (
            format!("sig1={input}"),
            format!("sig1=:{}:", STANDARD.encode(signature)),
        )
    }

    fn component(&self, name: &str) -> String {
        let header = |name: &str| {
            let found = self.headers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        match name {
            "@method" => "POST".into(),
            "@target-uri" => format!("http://{}{}", header("host"), self.target()),
            "@authority" => header("host"),
            "@path" => self.url.path().into(),
            "@query" => format!("?{}", self.url.query().unwrap_or_default()),
            name => header(name),
        }
    }

    /// Signs by RFC 9421 and sends.
    pub(crate) async fn send_as_message(
        &self,
        components: &[&str],
        parameters: &str,
    ) -> RawResponse {
        let signed = self.message_signature(components, parameters);
        self.send_with_message_signature(signed).await
    }

    /// Sends with this `Signature-Input` and this `Signature`.
    pub(crate) async fn send_with_message_signature(
        &self,
        (input, signature): (String, String),
    ) -> RawResponse {
        let mut post = self.clone();
        post.extra.push(("signature-input".into(), input));
        post.send_with_signature(Some(&signature)).await
    }
}
