//! One request to the spam service: posts a form and reads a one-word response.

use crate::{
    base::time,
    content::Html,
    federation::remote::{
        fetch,
        fetch_error::{self, FetchError},
    },
    node::Node,
    store::{Article, Comment, SpamCheckState},
};
use http::header::CONTENT_TYPE;
use url::{Url, form_urlencoded};

/// The maximum length of the text in a request, and of a response, in bytes.
const MAX_CONTENT: usize = 32 * 1024;
const MAX_RESPONSE: usize = 4 * 1024;
/// The response header with the service's explanation of a refusal.
const DEBUG_HELP: &str = "x-akismet-debug-help";

/// The response of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Response {
    Ham,
    Spam,
    /// It accepted a report.
    Accepted,
}

/// The reason why a request failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum AkismetError {
    #[error("it is unreachable: {0}")]
    Transient(String),
    #[error("it refused the request: {0}")]
    Refused(String),
    #[error("no spam service is configured")]
    NotConfigured,
}

/// Asks the service to check a comment, or reports a wrong result to it.
///
/// # Errors
/// [`AkismetError::Transient`] if a retry may succeed.
pub(super) async fn request(
    what: SpamCheckState,
    comment: &Comment,
    article: Option<&Article>,
    node: &Node,
) -> Result<Response, AkismetError> {
    let spam = &node.config.spam;
    let key = spam
        .akismet_key
        .as_ref()
        .ok_or(AkismetError::NotConfigured)?;
    let method = match what {
        SpamCheckState::SubmitHam | SpamCheckState::Ham => "submit-ham",
        SpamCheckState::SubmitSpam | SpamCheckState::Spam => "submit-spam",
        SpamCheckState::Check => "comment-check",
    };
    let url = spam.akismet_url.join(method);
    let url = url.map_err(|error| AkismetError::Refused(error.to_string()))?;
    let form = form_of(comment, article, key.reveal(), node);
    let (text, help) = post(url, form, node).await?;
    match (what, text.trim()) {
        (SpamCheckState::Check, "true") => Ok(Response::Spam),
        (SpamCheckState::Check, "false") => Ok(Response::Ham),
        (SpamCheckState::Check, other) => {
            let help = help.unwrap_or_else(|| other.to_owned());
            Err(AkismetError::Refused(fetch_error::shown(&help)))
        }
        _ => Ok(Response::Accepted),
    }
}

/// Returns the form for a comment. It has no mail address, and no IP address, of which only a hash is stored.
fn form_of(comment: &Comment, article: Option<&Article>, key: &str, node: &Node) -> String {
    let content = match &comment.markdown {
        Some(markdown) => markdown.clone(),
        None => Html::unverified(comment.content.clone()).to_text(),
    };
    let links = Html::unverified(comment.content.clone()).links();
    let links: Vec<String> = links.into_iter().map(|link| link.url).collect();
    let content = format!("{content}\n\n{}", links.join("\n"));
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("api_key", key)
        .append_pair("blog", &node.urls().home())
        .append_pair("blog_lang", &node.config.site.language)
        .append_pair("blog_charset", "UTF-8")
        .append_pair(
            "comment_type",
            if comment.parent_id.is_some() {
                "reply"
            } else {
                "comment"
            },
        )
        .append_pair("comment_author", &comment.author_name)
        .append_pair(
            "comment_content",
            &content[..content.floor_char_boundary(MAX_CONTENT)],
        )
        .append_pair(
            "comment_date_gmt",
            &time::from_millis(comment.published_at).to_rfc3339(),
        );
    if let Some(url) = &comment.author_url {
        form.append_pair("comment_author_url", url);
    }
    if let Some(article) = article {
        form.append_pair("permalink", &node.urls().permalink(article));
    }
    form.finish()
}

/// Posts a form to the service. Returns the body of the response and the service's explanation. No error contains the
/// form, since the API key is in it.
async fn post(
    url: Url,
    form: String,
    node: &Node,
) -> Result<(String, Option<String>), AkismetError> {
    fetch::check_contact(&url, node).await?;
    let client = node.unsigned_client();
    let client = client.map_err(|error| AkismetError::Refused(error.to_string()))?;
    let request = client
        .post(url)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form);
    let mut response = request
        .send()
        .await
        .map_err(|error| match fetch_error::forbidden_below(&error) {
            Some(forbidden) => AkismetError::Refused(forbidden.to_string()),
            None => AkismetError::Transient(fetch_error::cause(&error)),
        })?;
    match response.status().as_u16() {
        200..=299 => {}
        status @ (408 | 425 | 429 | 500..) => {
            return Err(AkismetError::Transient(format!("it answered {status}")));
        }
        status => return Err(AkismetError::Refused(format!("it answered {status}"))),
    }
    let help = response.headers().get(DEBUG_HELP);
    let help = help.and_then(|value| Some(value.to_str().ok()?.to_owned()));
    let mut body = Vec::new();
    loop {
        let chunk = response.chunk().await;
        match chunk.map_err(|error| AkismetError::Transient(fetch_error::cause(&error)))? {
            Some(chunk) if body.len() < MAX_RESPONSE => body.extend_from_slice(&chunk),
            _ => break,
        }
    }
    Ok((String::from_utf8_lossy(&body).into_owned(), help))
}

impl From<FetchError> for AkismetError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Unreachable { reason, .. } | FetchError::Busy { reason, .. } => {
                AkismetError::Transient(reason)
            }
            other => AkismetError::Refused(other.to_string()),
        }
    }
}
