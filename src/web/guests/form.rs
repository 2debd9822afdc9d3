//! The submitted form: parsed, cleaned and checked field by field.

use crate::{
    content::{clean_line, clean_text},
    i18n::Locale,
    store::{Guest, GuestFields},
    web::views::FormProblem,
};
use url::{Url, form_urlencoded};

/// The longest text, in characters.
const MAX_TEXT: usize = 10_000;
/// The longest name, in characters.
const MAX_NAME: usize = 80;
/// The longest address of a website, in bytes.
const MAX_SITE: usize = 300;
/// The longest email address, in bytes (RFC 5321, section 4.5.3.1.3, without the angle brackets).
const MAX_MAIL: usize = 254;

/// The fields of a submitted form.
#[derive(Debug, Default)]
pub(super) struct SubmittedForm {
    pub token: String,
    /// The number of the parent comment; 0 for the article.
    pub parent: i64,
    pub name: String,
    pub mail: String,
    pub site: String,
    pub text: String,
    pub wants_replies: bool,
    /// Whether the comment is only previewed.
    pub is_preview: bool,
    /// Whether the invisible field was filled in.
    pub is_honeypot_filled: bool,
}

/// A form without problems.
#[derive(Debug)]
pub(super) struct CheckedForm {
    pub fields: GuestFields,
    pub markdown: String,
}

impl SubmittedForm {
    /// Parses the body of a request.
    pub(super) fn parse(bytes: &[u8]) -> SubmittedForm {
        let mut submitted = SubmittedForm::default();
        for (name, value) in form_urlencoded::parse(bytes) {
            match name.as_ref() {
                "token" => submitted.token = value.into_owned(),
                "parent" => submitted.parent = value.parse().unwrap_or(0),
                "name" => submitted.name = clean_line(&value, MAX_NAME + 1),
                "mail" => submitted.mail = value.trim().to_owned(),
                "site" => submitted.site = value.trim().to_owned(),
                "text" => submitted.text = clean_text(&value),
                "answers" => submitted.wants_replies = true,
                "do" => submitted.is_preview = value == "preview",
                "subject" => submitted.is_honeypot_filled = !value.trim().is_empty(),
                _ => {}
            }
        }
        submitted
    }

    /// Checks all fields. A returning guest with an email address need not enter it again.
    ///
    /// # Errors
    /// All problems of the form, in the language of the form.
    pub(super) fn check(
        &self,
        guest: Option<&Guest>,
        locale: Locale,
    ) -> Result<CheckedForm, Vec<FormProblem>> {
        let mut problems = Vec::new();
        let mut reject =
            |field, key: &str| problems.push(FormProblem::new(field, locale.text(key)));
        let length = self.name.chars().count();
        if length == 0 {
            reject("name", "write-problem-name");
        } else if length > MAX_NAME {
            reject("name", "write-problem-name-long");
        }
        let has_mail = guest.is_some_and(|guest| guest.mail.is_some());
        if !self.mail.is_empty() && !is_email(&self.mail) {
            reject("mail", "write-problem-mail");
        } else if self.wants_replies && self.mail.is_empty() && !has_mail {
            reject("mail", "write-problem-mail-missing");
        }
        let site = match self.site.as_str() {
            "" => None,
            site => parse_site(site),
        };
        if site.is_none() && !self.site.is_empty() {
            reject("site", "write-problem-site");
        }
        if self.text.is_empty() {
            reject("text", "write-problem-text");
        } else if self.text.chars().count() > MAX_TEXT {
            reject("text", "write-problem-text-long");
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(CheckedForm {
            fields: GuestFields {
                name: self.name.clone(),
                mail: Some(self.mail.clone()).filter(|mail| !mail.is_empty()),
                site,
            },
            markdown: self.text.clone(),
        })
    }
}

/// Returns whether a text has the form of an email address (RFC 5321, section 4.1.2, without quoted parts). Whether it
/// exists is known when an email arrives.
fn is_email(text: &str) -> bool {
    let Some((user, host)) = text.rsplit_once('@') else {
        return false;
    };
    let is_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let is_user = !user.is_empty() && user.len() <= 64 && user.chars().all(is_atom);
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let is_host = host.contains('.') && host.split('.').all(is_label);
    let has_dots_between = !user.starts_with('.') && !user.ends_with('.') && !user.contains("..");
    text.len() <= MAX_MAIL && is_user && has_dots_between && is_host
}

/// Parses the address of a website, and adds a missing `https://`.
fn parse_site(text: &str) -> Option<String> {
    let text = if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    let url = Url::parse(&text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let has_dot = url.host_str().is_some_and(|host| host.contains('.'));
    let is_plain = url.username().is_empty() && url.password().is_none();
    (is_web && has_dot && is_plain && url.as_str().len() <= MAX_SITE).then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_addresses_are_recognized() {
        for good in ["a@example.org", "a.b+c@mail.example.org", "x_1@a-b.example"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "@example.org",
            "a@",
            "a@localhost",
            "a b@example.org",
            "a@exa mple.org",
            "a@example.org\r\nBcc: b@example.org",
            "<a@example.org>",
            "a@-x.example",
            "a..b@example.org",
            "a@b@example.org",
            "\u{fc}@example.org",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn websites_are_http_and_nothing_else() {
        assert_eq!(
            parse_site("example.org").as_deref(),
            Some("https://example.org/")
        );
        assert_eq!(
            parse_site("http://a.example/x").as_deref(),
            Some("http://a.example/x")
        );
        for bad in [
            "javascript://a.example/%0Aalert(1)",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://a.example",
            "https://user@a.example",
            "https://localhost",
            "//",
            "x",
        ] {
            assert_eq!(parse_site(bad), None, "{bad}");
        }
        assert_eq!(parse_site(&format!("a.example/{}", "x".repeat(300))), None);
    }
}
