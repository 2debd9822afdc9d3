//! The pages and refusals that a guest is answered with. They are one reader's, and no cache keeps them.

use crate::web::{
    app::App,
    request::body::BodyError,
    response::{WebError, personal_page},
    views::{Button, Link, MessagePage},
};
use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::Response,
};

/// Why a form is not taken at all, in words for its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    heading: &'static str,
    text: &'static str,
}

impl Refusal {
    pub const ELSEWHERE: Refusal = Refusal {
        status: StatusCode::FORBIDDEN,
        heading: "This came from another site",
        text: "Comments are taken from the form on this site alone. Go back to the article, and write it there.",
    };
    pub const CLOSED: Refusal = Refusal {
        status: StatusCode::FORBIDDEN,
        heading: "No comments are taken here",
        text: "This article takes no comments by a form, or no longer.",
    };
    pub const RATE_LIMITED: Refusal = Refusal {
        status: StatusCode::TOO_MANY_REQUESTS,
        heading: "Too many comments at once",
        text: "Wait for a minute, go back, and send yours again.",
    };
    pub const NO_FORM: Refusal = Refusal {
        status: StatusCode::BAD_REQUEST,
        heading: "This is not the form of a comment",
        text: "Something was lost on the way. Go back, and send your comment again.",
    };
    pub const TOO_SLOW: Refusal = Refusal {
        status: StatusCode::REQUEST_TIMEOUT,
        heading: "This took too long",
        text: "Your comment did not arrive in time. Go back, and send it again.",
    };
    pub const NO_ROOM: Refusal = Refusal {
        status: StatusCode::SERVICE_UNAVAILABLE,
        heading: "Too much arrives at once",
        text: "Wait for a minute, go back, and send your comment again.",
    };
    pub const TOO_LARGE: Refusal = Refusal {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        heading: "This is too long",
        text: "A comment has 10,000 characters at the most. Go back, and shorten yours.",
    };
    pub const EXPIRED: Refusal = Refusal {
        status: StatusCode::GONE,
        heading: "This link no longer works",
        text: "It is older than seven days, or the comment that it was for is gone. Write your comment again.",
    };

    /// The page that says so; `next` leads on.
    pub fn page(self, app: &App, next: &Link) -> Result<Response, WebError> {
        let label = "Back to the site";
        let page = MessagePage::new(&app.site, self.heading, self.text, next.clone(), label);
        let mut response = personal_page(self.status, page.render())?;
        let passes = [
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::SERVICE_UNAVAILABLE,
        ];
        if passes.contains(&self.status) {
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
            BodyError::CutOff => Refusal::NO_FORM,
            BodyError::NoRoom(_) => Refusal::NO_ROOM,
        }
    }
}

/// What a guest is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// Their comment waits for the admin.
    Waiting,
    /// A link was mailed to them.
    Mailed,
    /// Their mail address is confirmed.
    Confirmed,
}

impl Message {
    /// The page that says so; `next` leads on.
    pub fn page(self, app: &App, next: Link, label: &'static str) -> Result<Response, WebError> {
        let (heading, text) = match self {
            Message::Waiting => (
                "Thank you: your comment waits for approval",
                "It appears below the article once somebody here has read it.",
            ),
            Message::Mailed => (
                "Look into your mail",
                "A link was mailed to you. Follow it, and your comment goes on its way; without that it is forgotten after seven days.",
            ),
            Message::Confirmed => (
                "Thank you: your mail address is confirmed",
                "Your comment appears below the article once somebody here has read it.",
            ),
        };
        let page = MessagePage::new(&app.site, heading, text, next, label);
        personal_page(StatusCode::OK, page.render())
    }
}

/// The page on which a guest confirms their mail address: programs that look at each link in a mail press
/// nothing.
pub fn confirmation(app: &App, action: Link, token: String) -> Result<Response, WebError> {
    let page = MessagePage::new(
        &app.site,
        "Confirm your mail address",
        "Is this mail address yours, and did you write a comment here? Then your comment goes on its way.",
        app.site.home.clone(),
        "To the home page",
    )
    .with_button(Button {
        action,
        token,
        label: "Confirm",
    });
    personal_page(StatusCode::OK, page.render())
}
