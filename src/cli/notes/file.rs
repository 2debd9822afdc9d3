//! Notes as texts with front matter, as `note show` prints them and `note edit` reads them.

use crate::{
    cli::common::{output, withdrawal::note_name},
    content::Language,
    node::Node,
    store::{Note, NoteEdit},
};
use anyhow::{Result, anyhow, bail};
use serde::{Deserialize, Serialize};

/// A note as a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoteFile {
    pub(super) fields: Fields,
    pub(super) text: String,
}

/// The front matter of a note.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Fields {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_warning: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) image_alt: Option<String>,
}

impl NoteFile {
    pub(super) fn of(note: &Note) -> NoteFile {
        NoteFile {
            fields: Fields {
                content_warning: note.content_warning.clone(),
                language: Some(note.language.clone()),
                image_alt: note.image_alt.clone(),
            },
            text: note.markdown.clone(),
        }
    }

    /// Writes the text. Comments in its front matter say which note it is.
    pub(super) fn to_text(&self, node: &Node, note: &Note) -> String {
        // Texts can always be written as YAML.
        let fields = serde_yaml_ng::to_string(&self.fields).unwrap_or_default();
        let edited = note.edited_at.map_or_else(String::new, |time| {
            format!(", edited {}", output::time(time))
        });
        format!(
            "---\n# {}, {}, {}{edited}\n# {}\n{fields}---\n\n{}",
            note_name(note),
            note.state,
            output::time(note.published_at),
            node.urls().note(&note.uid),
            self.text
        )
    }

    /// Reads a text. Without front matter, it replaces the note's text alone; `name` is its name in errors.
    ///
    /// # Errors
    /// If its front matter is not closed, or has an unknown key.
    pub(super) fn parse(text: &str, name: &str, note: &Note) -> Result<NoteFile> {
        let text = text.trim_start_matches('\u{FEFF}').replace("\r\n", "\n");
        let Some(rest) = text.strip_prefix("---\n") else {
            return Ok(NoteFile {
                text: text.trim_end().to_owned(),
                ..NoteFile::of(note)
            });
        };
        let end = match rest.starts_with("---\n") {
            true => Some(0),
            false => rest.find("\n---\n").map(|end| end + 1),
        };
        let Some(end) = end else {
            bail!(
                "{name}: line 1: the front matter begins with `---` but has no closing line `---`"
            );
        };
        let fields: Option<Fields> = serde_yaml_ng::from_str(&rest[..end]).map_err(|error| {
            let line = error.location().map_or(1, |location| location.line() + 1);
            let reason = error.to_string();
            let reason = reason
                .split(" at line ")
                .next()
                .unwrap_or(&reason)
                .to_owned();
            anyhow!("{name}: line {line}: {reason}")
        })?;
        let body = rest[end..].strip_prefix("---\n").unwrap_or_default();
        Ok(NoteFile {
            fields: fields.unwrap_or_default(),
            text: body.trim_start_matches('\n').trim_end().to_owned(),
        })
    }

    /// Completes the text for a note.
    ///
    /// # Errors
    /// If the language is none, or its picture has no description, or it has none to describe.
    pub(super) fn into_edit(self, note: &Note) -> Result<NoteEdit> {
        let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let language = match filled(self.fields.language) {
            Some(language) => language
                .parse::<Language>()
                .map_err(|error| anyhow!("the language {language:?}: {error}"))?
                .to_string(),
            None => note.language.clone(),
        };
        let image_alt = filled(self.fields.image_alt);
        match (&note.image_url, &image_alt) {
            (Some(_), None) => bail!(
                "the picture has no description for people who can't see it: write one as `image_alt`"
            ),
            (None, Some(_)) => bail!("the note has no picture that `image_alt` could describe"),
            _ => {}
        }
        let kept = note.markdown.trim_end() == self.text.trim_end();
        Ok(NoteEdit {
            markdown: match kept {
                true => note.markdown.clone(),
                false => self.text,
            },
            content_warning: filled(self.fields.content_warning),
            language,
            image_alt,
        })
    }
}
