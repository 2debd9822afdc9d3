//! Messages to guests about their comments. No cache stores these pages.

use crate::i18n::Locale;
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
    /// The key of the heading.
    heading: &'static str,
    /// The key of the text.
    text: &'static str,
}

impl Refusal {
    pub(super) const CROSS_SITE: Refusal = Refusal {
        status: StatusCode::FORBIDDEN,
        heading: "refusal-cross-site",
        text: "refusal-cross-site-text",
    };
    pub(super) const CLOSED: Refusal = Refusal {
        status: StatusCode::FORBIDDEN,
        heading: "refusal-closed",
        text: "refusal-closed-text",
    };
    pub(super) const RATE_LIMITED: Refusal = Refusal {
        status: StatusCode::TOO_MANY_REQUESTS,
        heading: "refusal-rate-limited",
        text: "refusal-rate-limited-text",
    };
    pub(super) const UNREADABLE: Refusal = Refusal {
        status: StatusCode::BAD_REQUEST,
        heading: "refusal-unreadable",
        text: "refusal-unreadable-text",
    };
    pub(super) const TOO_SLOW: Refusal = Refusal {
        status: StatusCode::REQUEST_TIMEOUT,
        heading: "refusal-too-slow",
        text: "refusal-too-slow-text",
    };
    pub(super) const BUSY: Refusal = Refusal {
        status: StatusCode::SERVICE_UNAVAILABLE,
        heading: "refusal-busy",
        text: "refusal-busy-text",
    };
    pub(super) const TOO_LARGE: Refusal = Refusal {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        heading: "refusal-too-large",
        text: "refusal-too-large-text",
    };
    pub(super) const EXPIRED: Refusal = Refusal {
        status: StatusCode::GONE,
        heading: "refusal-expired",
        text: "refusal-expired-text",
    };

    /// Returns the page with the message and a link to `next`, in the language of the site.
    pub(super) fn page(self, app: &App, next: &Link) -> Result<Response, WebError> {
        self.page_in(app, app.site.locale, next)
    }

    /// Returns the page with the message and a link to `next`.
    pub(super) fn page_in(
        self,
        app: &App,
        locale: Locale,
        next: &Link,
    ) -> Result<Response, WebError> {
        let page = MessagePage::new(
            &app.site,
            locale,
            self.heading,
            self.text,
            next.clone(),
            "link-back-to-site",
        );
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
    /// Returns the keys of the heading and the text.
    pub(super) fn texts(self) -> (&'static str, &'static str) {
        match self {
            Message::Waiting => ("message-waiting", "message-waiting-text"),
            Message::Mailed => ("message-mailed", "message-mailed-text"),
            Message::Confirmed => ("message-confirmed", "message-confirmed-text"),
        }
    }

    /// Returns the page with the message and a link to `next`, whose text has the key `label`.
    pub(super) fn page(
        self,
        app: &App,
        locale: Locale,
        next: Link,
        label: &str,
    ) -> Result<Response, WebError> {
        let (heading, text) = self.texts();
        let page = MessagePage::new(&app.site, locale, heading, text, next, label);
        personal_page(StatusCode::OK, app.render(&page))
    }
}

/// Returns the page on which a guest confirms their email address by a button, because programs that scan emails open
/// links, but press no buttons.
pub(super) fn confirmation(app: &App, action: Link, token: String) -> Result<Response, WebError> {
    let page = MessagePage::new(
        &app.site,
        app.site.locale,
        "confirm-title",
        "confirm-text",
        app.site.home.clone(),
        "link-home",
    )
    .with_button(Button {
        action,
        token,
        label: app.site.locale.text("confirm-button"),
    });
    personal_page(StatusCode::OK, app.render(&page))
}
