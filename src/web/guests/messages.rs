//! Messages to guests about their comments. No cache stores these pages.

use crate::web::{
    app::App,
    request::body::BodyError,
    response::{WebError, personal_page},
    views::{Button, Link, MessagePage},
};
use axum::{
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::Response,
};

/// The reasons why a form is refused before its fields are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    heading: &'static str,
    text: &'static str,
}

impl Refusal {
    pub(super) const CROSS_SITE: Refusal = Refusal {
        status: StatusCode::FORBIDDEN,
        heading: "This form came from another site",
        text: "Comments are accepted only from the form on this site. Go back to the article and write your comment there.",
    };
    pub(super) const CLOSED: Refusal = Refusal {
        status: StatusCode::FORBIDDEN,
        heading: "Comments are closed",
        text: "You can't comment on this article.",
    };
    pub(super) const RATE_LIMITED: Refusal = Refusal {
        status: StatusCode::TOO_MANY_REQUESTS,
        heading: "Too many comments at once",
        text: "Wait a minute, go back and send yours again.",
    };
    pub(super) const UNREADABLE: Refusal = Refusal {
        status: StatusCode::BAD_REQUEST,
        heading: "Your comment could not be read",
        text: "Part of it was lost on the way. Go back and send it again.",
    };
    pub(super) const TOO_SLOW: Refusal = Refusal {
        status: StatusCode::REQUEST_TIMEOUT,
        heading: "Your comment took too long",
        text: "It did not arrive in time. Go back and send it again.",
    };
    pub(super) const BUSY: Refusal = Refusal {
        status: StatusCode::SERVICE_UNAVAILABLE,
        heading: "The server is busy",
        text: "Wait a minute, go back and send your comment again.",
    };
    pub(super) const TOO_LARGE: Refusal = Refusal {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        heading: "Your comment is too long",
        text: "A comment can have at most 10,000 characters. Go back and shorten yours.",
    };
    pub(super) const EXPIRED: Refusal = Refusal {
        status: StatusCode::GONE,
        heading: "This link no longer works",
        text: "It is older than seven days, or its comment is gone. Please write your comment again.",
    };

    /// Returns the page with the message and a link to `next`.
    pub(super) fn page(self, app: &App, next: &Link) -> Result<Response, WebError> {
        let label = "Back to the site";
        let page = MessagePage::new(&app.site, self.heading, self.text, next.clone(), label);
        let mut response = personal_page(self.status, app.render(&page))?;
        let temporary = [
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::SERVICE_UNAVAILABLE,
        ];
        if temporary.contains(&self.status) {
            let minute = HeaderValue::from_static("60");
            response.headers_mut().insert(RETRY_AFTER, minute);
        }
        Ok(response)
    }
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Refusal::TOO_LARGE,
            BodyError::TooSlow => Refusal::TOO_SLOW,
            BodyError::CutOff => Refusal::UNREADABLE,
            BodyError::NoRoom(_) => Refusal::BUSY,
        }
    }
}

/// The messages about an accepted form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message {
    /// The comment awaits approval.
    Waiting,
    /// The comment awaits the confirmation of the email address.
    Mailed,
    /// The email address is confirmed. Its comment awaits approval.
    Confirmed,
}

impl Message {
    /// Returns the heading and the text.
    pub(super) fn texts(self) -> (&'static str, &'static str) {
        match self {
            Message::Waiting => (
                "Thank you: your comment awaits approval",
                "It will appear below the article once it is approved.",
            ),
            Message::Mailed => (
                "Check your email",
                "We sent you a link. Open it to submit your comment. Otherwise, your comment is deleted after seven days.",
            ),
            Message::Confirmed => (
                "Thank you: your email address is confirmed",
                "Your comment will appear below the article once it is approved.",
            ),
        }
    }

    /// Returns the page with the message and a link to `next`.
    pub(super) fn page(
        self,
        app: &App,
        next: Link,
        label: &'static str,
    ) -> Result<Response, WebError> {
        let (heading, text) = self.texts();
        let page = MessagePage::new(&app.site, heading, text, next, label);
        personal_page(StatusCode::OK, app.render(&page))
    }
}

/// Returns the page on which a guest confirms their email address by a button, because programs that scan emails open
/// links, but press no buttons.
pub(super) fn confirmation(app: &App, action: Link, token: String) -> Result<Response, WebError> {
    let page = MessagePage::new(
        &app.site,
        "Confirm your email address",
        "Is this your email address, and did you write a comment here? Confirm to submit your comment.",
        app.site.home.clone(),
        "Go to the home page",
    )
    .with_button(Button {
        action,
        token,
        label: "Confirm",
    });
    personal_page(StatusCode::OK, app.render(&page))
}
