//! What a guest submitted in: read, cleaned, and checked field by field.

use crate::{
    content::{clean_name, clean_text},
    store::{Guest, GuestFields},
    web::views::FormProblem,
};
use url::{Url, form_urlencoded};

/// Longest text and name, in characters.
const MAX_TEXT: usize = 10_000;
const MAX_NAME: usize = 80;
/// Longest address of a site, in bytes.
const MAX_SITE: usize = 300;
/// Longest mail address, in bytes (RFC 5321, 4.5.3.1.3, without the angle brackets).
const MAX_MAIL: usize = 254;

/// The form as it came.
#[derive(Debug, Default)]
pub struct SubmittedForm {
    pub token: String,
    /// The number of the comment that it answers; 0 for the article.
    pub parent: i64,
    pub name: String,
    pub mail: String,
    pub site: String,
    pub text: String,
    pub wants_answers: bool,
    /// Whether it is to be shown first, and not yet taken.
    pub is_preview: bool,
    /// What people don't see was filled in.
    pub is_trapped: bool,
}

/// The form with nothing wrong.
#[derive(Debug)]
pub struct Checked {
    pub fields: GuestFields,
    pub markdown: String,
}

impl SubmittedForm {
    /// Reads the body of a request.
    pub fn from_pairs(bytes: &[u8]) -> SubmittedForm {
        let mut submitted = SubmittedForm::default();
        for (name, value) in form_urlencoded::parse(bytes) {
            match name.as_ref() {
                "token" => submitted.token = value.into_owned(),
                "parent" => submitted.parent = value.parse().unwrap_or(0),
                "name" => submitted.name = clean_name(&value, MAX_NAME + 1),
                "mail" => submitted.mail = value.trim().to_owned(),
                "site" => submitted.site = value.trim().to_owned(),
                "text" => submitted.text = clean_text(&value),
                "answers" => submitted.wants_answers = true,
                "do" => submitted.is_preview = value == "preview",
                "subject" => submitted.is_trapped = !value.trim().is_empty(),
                _ => {}
            }
        }
        submitted
    }

    /// What it says, or all that is wrong with it. A known guest need not write their mail address again.
    pub fn check(&self, guest: Option<&Guest>) -> Result<Checked, Vec<FormProblem>> {
        let mut problems = Vec::new();
        let mut wrong = |field, text: &str| problems.push(FormProblem::new(field, text));
        let length = self.name.chars().count();
        if length == 0 {
            wrong("name", "Write a name.");
        } else if length > MAX_NAME {
            wrong("name", "The name is longer than 80 characters: shorten it.");
        }
        let has_mail = guest.is_some_and(|guest| guest.mail.is_some());
        if !self.mail.is_empty() && !is_mail(&self.mail) {
            wrong(
                "mail",
                "This is no mail address: write it as in you@example.org.",
            );
        } else if self.wants_answers && self.mail.is_empty() && !has_mail {
            wrong(
                "mail",
                "Write the mail address to which answers are to be sent.",
            );
        }
        let site = match self.site.as_str() {
            "" => None,
            site => read_site(site),
        };
        if site.is_none() && !self.site.is_empty() {
            wrong(
                "site",
                "This is no website: write it as in https://example.org/.",
            );
        }
        if self.text.is_empty() {
            wrong("text", "Write a comment.");
        } else if self.text.chars().count() > MAX_TEXT {
            wrong(
                "text",
                "The comment is longer than 10,000 characters: shorten it.",
            );
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Checked {
            fields: GuestFields {
                name: self.name.clone(),
                mail: Some(self.mail.clone()).filter(|mail| !mail.is_empty()),
                site,
            },
            markdown: self.text.clone(),
        })
    }
}

/// Whether this can be a mail address (RFC 5321, 4.1.2, without quoted parts): more is known when a mail
/// arrives.
fn is_mail(text: &str) -> bool {
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

/// A website, with `https://` where its writer left that out.
fn read_site(text: &str) -> Option<String> {
    let text = match text.contains("://") {
        true => text.to_owned(),
        false => format!("https://{text}"),
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
    fn mail_addresses_are_told_from_what_is_none() {
        for good in ["a@example.org", "a.b+c@mail.example.org", "x_1@a-b.example"] {
            assert!(is_mail(good), "{good}");
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
            assert!(!is_mail(bad), "{bad}");
        }
    }

    #[test]
    fn websites_are_http_and_nothing_else() {
        assert_eq!(
            read_site("example.org").as_deref(),
            Some("https://example.org/")
        );
        assert_eq!(
            read_site("http://a.example/x").as_deref(),
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
            assert_eq!(read_site(bad), None, "{bad}");
        }
        assert_eq!(read_site(&format!("a.example/{}", "x".repeat(300))), None);
    }
}
