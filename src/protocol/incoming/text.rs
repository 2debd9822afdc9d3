//! The texts of an object, with their formats and languages.

use super::Object;
use crate::protocol::lenient::{self, LocalizedText};

/// The format of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Html,
    Plain,
    Markdown,
}

impl Format {
    /// Returns the format for an object's `mediaType`. The default is HTML (ActivityStreams 2.0 vocabulary, `content`).
    fn of(media_type: Option<&str>) -> Format {
        let essence = media_type.and_then(|text| text.split(';').next());
        match essence.unwrap_or("").trim().to_ascii_lowercase().as_str() {
            "text/markdown" | "text/x-markdown" | "text/x.misskeymarkdown" => Format::Markdown,
            "text/html" => Format::Html,
            other if other.starts_with("text/") => Format::Plain,
            _ => Format::Html,
        }
    }
}

/// A text that an object may be shown with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub text: String,
    pub format: Format,
    /// The language tag, as sent.
    pub language: Option<String>,
}

impl Object {
    /// Returns the texts, of which the first one that is not blank is shown: `content`, those of `contentMap`, the title.
    pub fn texts(&self) -> Vec<Text> {
        let format = Format::of(self.media_type.as_deref());
        let to_text = |localized: &LocalizedText| Text {
            text: localized.text.clone(),
            format,
            language: localized.language.clone(),
        };
        let contents = self.content.iter().map(|content| Text {
            language: content
                .language
                .clone()
                .or_else(|| self.language_of(&content.text)),
            ..to_text(content)
        });
        // Names are never HTML.
        let titles = self.names.iter().map(|name| Text {
            format: Format::Plain,
            ..to_text(name)
        });
        contents
            .chain(self.content_map.iter().map(to_text))
            .chain(titles)
            .collect()
    }

    /// Returns the language for which `contentMap` has the same text.
    fn language_of(&self, text: &str) -> Option<String> {
        let same = |entry: &&LocalizedText| entry.text.trim() == text.trim();
        self.content_map.iter().find(same)?.language.clone()
    }

    /// Returns the title.
    pub fn name(&self) -> Option<&str> {
        lenient::first_non_blank(&self.names)
    }

    /// Returns the content warning or summary in HTML, then those in other languages.
    pub fn summaries(&self) -> impl Iterator<Item = &str> {
        self.summaries.iter().map(|summary| summary.text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn texts(value: Value) -> Vec<(String, Format, String)> {
        let texts = Object::read(value).unwrap().texts();
        let parts = |text: Text| (text.text, text.format, text.language.unwrap_or_default());
        texts.into_iter().map(parts).collect()
    }

    #[test]
    fn texts_are_ordered() {
        let read = texts(json!({
            "content": "", "contentMap": {"de": "Ja", "en": null, "fr": "Oui"}, "name": "Title", "nameMap": {"nl": "Titel"}
        }));
        let expected = [
            ("", Format::Html, ""),
            ("Ja", Format::Html, "de"),
            ("Oui", Format::Html, "fr"),
            ("Title", Format::Plain, ""),
            ("Titel", Format::Plain, "nl"),
        ];
        let expected =
            expected.map(|(text, format, language)| (text.to_owned(), format, language.to_owned()));
        assert_eq!(read, expected);
    }

    #[test]
    fn the_language_of_a_text_is_found() {
        for (object, language) in [
            (
                json!({"content": "Oui", "contentMap": {"de": "Ja", "fr": "Oui"}}),
                "fr",
            ),
            (
                json!({"content": "Oui ", "contentMap": {"fr": "Oui\n"}}),
                "fr",
            ),
            (
                json!({"content": "Yes", "contentMap": {"de": "Ja", "fr": "Oui"}}),
                "",
            ),
            (json!({"content": "Yes", "contentMap": {"de": "Ja"}}), ""),
            (
                json!({"content": {"@value": "Ja", "@language": "de"}}),
                "de",
            ),
            (
                json!({"content": [{"@value": "Ja", "@language": "de"}], "contentMap": {"fr": "Oui"}}),
                "de",
            ),
            (json!({"contentMap": {"de": ["Ja"]}}), "de"),
            (json!({"contentMap": [null, {"de": "Ja"}]}), "de"),
            (json!({"content": "Yes"}), ""),
        ] {
            assert_eq!(texts(object.clone())[0].2, language, "{object}");
        }
    }

    #[test]
    fn the_media_type_is_the_format() {
        for (media_type, format) in [
            (json!(null), Format::Html),
            (json!("text/html; charset=utf-8"), Format::Html),
            (json!("TEXT/Plain"), Format::Plain),
            (json!("text/plain;charset=UTF-8"), Format::Plain),
            (json!("text/markdown"), Format::Markdown),
            (json!("text/x.misskeymarkdown"), Format::Markdown),
            (json!("text/bbcode"), Format::Plain),
            (json!("video/mp4"), Format::Html),
            (json!(5), Format::Html),
        ] {
            let read = texts(json!({"content": "x", "name": "y", "mediaType": media_type}));
            assert_eq!(
                (read[0].1, read[1].1),
                (format, Format::Plain),
                "{media_type}"
            );
        }
    }
}
