//! Signed tokens in links, forms and cookies, which prove that this node issued them.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use data_encoding::HEXLOWER;

/// The purpose of a token. A token for one purpose is invalid for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The time at which a comment form was shown.
    Form,
    /// A guest's browser.
    Guest,
    /// A guest's confirmation of their email address.
    Confirm,
    /// A guest's unsubscription from emails.
    Unsubscribe,
    /// The list of a guest's own comments.
    OwnComments,
    /// A guest's edit or withdrawal of a comment.
    OwnComment,
    /// The admin's decision on a comment.
    Moderate,
    /// A link to a draft.
    Draft,
    /// A request of `pamphlet doctor` to the node itself.
    SelfTest,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Purpose::Form => "form",
            Purpose::Guest => "guest",
            Purpose::Confirm => "confirm",
            Purpose::Unsubscribe => "unsubscribe",
            Purpose::OwnComments => "own comments",
            Purpose::OwnComment => "own comment",
            Purpose::Moderate => "moderate",
            Purpose::Draft => "draft",
            Purpose::SelfTest => "self-test",
        }
    }
}

/// Signs with the database's secret, so that all nodes on it accept each other's tokens.
pub struct Tokens(hmac::Key);

impl Tokens {
    pub fn new(secret: &str) -> Self {
        Tokens(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
    }

    /// Returns a token for `text` that is valid until `expires` (milliseconds since 1970). It consists of letters,
    /// digits, `-`, `_` and `.`, and the text in it is readable.
    pub fn sign(&self, purpose: Purpose, text: &str, expires: i64) -> String {
        let mark = self.mark(purpose, text, expires);
        format!("{expires}.{}.{mark}", BASE64.encode(text))
    }

    /// Returns a token's text, if this node signed it for this purpose and it has not expired at `now`.
    pub fn read(&self, purpose: Purpose, token: &str, now: i64) -> Option<String> {
        let (expires, rest) = token.split_once('.')?;
        let (text, mark) = rest.split_once('.')?;
        let expires: i64 = expires.parse().ok()?;
        let text = String::from_utf8(BASE64.decode(text).ok()?).ok()?;
        let mark = BASE64.decode(mark).ok()?;
        let signed = signed_text(purpose, &text, expires);
        hmac::verify(&self.0, signed.as_bytes(), &mark).ok()?;
        (now < expires).then_some(text)
    }

    /// Returns a keyed hash of a secret text, in hexadecimal digits.
    pub fn hash(&self, text: &str) -> String {
        let mark = hmac::sign(&self.0, format!("hash\n{text}").as_bytes());
        HEXLOWER.encode(&mark.as_ref()[..16])
    }

    fn mark(&self, purpose: Purpose, text: &str, expires: i64) -> String {
        BASE64.encode(hmac::sign(
            &self.0,
            signed_text(purpose, text, expires).as_bytes(),
        ))
    }
}

fn signed_text(purpose: Purpose, text: &str, expires: i64) -> String {
    format!("{}\n{expires}\n{text}", purpose.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_what_was_signed_until_it_expires() {
        let tokens = Tokens::new("secret");
        let token = tokens.sign(Purpose::Form, "article 7\n\u{fc}", 1000);
        assert_eq!(
            tokens.read(Purpose::Form, &token, 999).as_deref(),
            Some("article 7\n\u{fc}")
        );
        assert_eq!(tokens.read(Purpose::Form, &token, 1000), None);
        assert!(
            token
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        );
    }

    #[test]
    fn what_another_signed_or_changed_says_nothing() {
        let tokens = Tokens::new("secret");
        let token = tokens.sign(Purpose::Form, "7", 1000);
        assert_eq!(tokens.read(Purpose::Guest, &token, 0), None);
        assert_eq!(Tokens::new("other").read(Purpose::Form, &token, 0), None);
        assert_eq!(
            tokens.read(Purpose::Form, &token.replace("1000", "2000"), 0),
            None
        );
        for bad in [
            "",
            ".",
            "..",
            "1000.Nw",
            "1000.Nw.",
            "9.\u{fc}.x",
            &token[..token.len() - 2],
        ] {
            assert_eq!(tokens.read(Purpose::Form, bad, 0), None, "{bad}");
        }
    }

    #[test]
    fn a_hash_needs_the_secret() {
        let hash = Tokens::new("secret").hash("192.0.2.1");
        assert_eq!(hash.len(), 32);
        assert_eq!(hash, Tokens::new("secret").hash("192.0.2.1"));
        assert_ne!(hash, Tokens::new("other").hash("192.0.2.1"));
        assert_ne!(hash, Tokens::new("secret").hash("192.0.2.2"));
    }
}
