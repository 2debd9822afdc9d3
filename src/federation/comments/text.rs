//! Selects the displayed text of an object: the first that is not blank, sanitized, with its language.

use crate::{
    content::{Html, Language, clean_line, html::MAX_REMOTE_BYTES, markdown},
    node::Node,
    protocol::{Format, Object, Text},
    quota::Limit,
};

/// Texts below this length, in bytes, are sanitized on the current thread.
const SHORT_TEXT: usize = 8 * 1024;

/// The displayed text of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// Sanitized HTML; empty if the object has no text.
    pub html: Html,
    /// A BCP 47 language tag.
    pub language: Option<String>,
}

/// The maximum length of a content warning, in characters.
const MAX_WARNING: usize = 300;
/// The number of characters kept beyond the displayed ones, so that a truncated text is recognized as longer.
const SPARE: usize = 100;

/// Returns the text of an object, truncated to slightly more than is displayed.
///
/// Sanitizing a long text can take a tenth of a second, so it runs on a blocking thread.
pub async fn content_of(object: &Object, node: &Node) -> Content {
    let texts = object.texts();
    let limit = most_characters(node).saturating_add(SPARE);
    if texts.iter().map(|text| text.text.len()).sum::<usize>() < SHORT_TEXT {
        return first_filled(&texts).truncated(limit);
    }
    let cleaned = tokio::task::spawn_blocking(move || first_filled(&texts).truncated(limit));
    // The task fails only if the sanitizer panics. Then there is no text to show.
    cleaned.await.unwrap_or_default()
}

/// Returns the maximum number of displayed characters of a comment.
pub fn most_characters(node: &Node) -> usize {
    usize::try_from(node.quota.value(Limit::CommentCharacters)).unwrap_or(usize::MAX)
}

impl Content {
    fn truncated(mut self, limit: usize) -> Self {
        if let Some(html) = self.html.truncated(limit) {
            self.html = html;
        }
        self
    }
}

/// Returns the content warning: the `summary` of a note.
pub fn warning_of(object: &Object) -> Option<String> {
    object
        .summaries()
        .map(|summary| clean_line(&Html::from_remote(summary).to_text(), MAX_WARNING))
        .find(|warning| !warning.is_empty())
}

/// Returns the first text that is not blank.
pub(crate) fn first_filled(texts: &[Text]) -> Content {
    let mut texts = texts.iter().map(|text| (html_of(text), text));
    match texts.find(|(html, _)| !html.is_blank()) {
        Some((html, text)) => Content {
            html,
            language: language_of(text),
        },
        None => Content::default(),
    }
}

fn html_of(text: &Text) -> Html {
    let source = &text.text[..text.text.floor_char_boundary(MAX_REMOTE_BYTES)];
    match text.format {
        Format::Html => Html::from_remote(source),
        Format::Plain => Html::from_remote_text(source),
        Format::Markdown => markdown::render_comment(source),
    }
}

fn language_of(text: &Text) -> Option<String> {
    let language = Language::from_remote(text.language.as_deref()?)?;
    Some(language.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn shown(object: Value) -> (String, String) {
        let content = first_filled(&Object::read(object).unwrap().texts());
        (
            content.html.into_string(),
            content.language.unwrap_or_default(),
        )
    }

    #[test]
    fn the_first_text_that_says_something_is_shown() {
        let map = json!({"en": "<p> </p>", "de_CH": "<p>Ja</p>", "fr": "<p>Oui</p>"});
        for (object, html, language) in [
            (
                json!({"content": "", "contentMap": map}),
                "<p>Ja</p>",
                "de-CH",
            ),
            (
                json!({"content": null, "contentMap": map}),
                "<p>Ja</p>",
                "de-CH",
            ),
            (
                json!({"content": "<br>", "contentMap": {}, "name": "A <title>"}),
                "<p>A &lt;title&gt;</p>",
                "",
            ),
            (
                json!({"content": "<p>&nbsp;</p>", "nameMap": {"en": "Title"}}),
                "<p>Title</p>",
                "en",
            ),
            (json!({"content": "\u{200b}<br/>", "name": " "}), "", ""),
            (
                json!({"content": "<p>Oui</p>", "contentMap": {"de": "<p>Ja</p>", "fr": "<p>Oui</p>"}}),
                "<p>Oui</p>",
                "fr",
            ),
            (
                json!({"content": "<p>Ja</p>", "contentMap": {"Deutsch": "<p>Ja</p>"}}),
                "<p>Ja</p>",
                "",
            ),
        ] {
            assert_eq!(
                shown(object.clone()),
                (html.to_owned(), language.to_owned()),
                "{object}"
            );
        }
    }

    #[test]
    fn a_text_is_read_as_its_media_type_says() {
        for (media_type, text, html) in [
            ("text/html", "One\n<b>two</b>", "One\n<b>two</b>"),
            (
                "text/plain",
                "One\n<b>two</b>",
                "<p>One<br>&lt;b&gt;two&lt;/b&gt;</p>",
            ),
            (
                "text/markdown",
                "**One** <i>two</i>",
                "<p><strong>One</strong> &lt;i&gt;two&lt;/i&gt;</p>\n",
            ),
        ] {
            let object = json!({"content": text, "mediaType": media_type});
            assert_eq!(shown(object).0, html, "{media_type}");
        }
    }

    #[test]
    fn hostile_markdown_ends_and_stays_bounded() {
        for part in [
            "> ", "[", "![", "*a_", "`a", "- ", "<a ", "[^1]", "|a", "&#", "~~a",
        ] {
            let text = part.repeat(MAX_REMOTE_BYTES / part.len());
            let (html, _) = shown(json!({"content": text, "mediaType": "text/markdown"}));
            assert!(html.len() < 20 * MAX_REMOTE_BYTES, "{part}: {}", html.len());
        }
    }
}
