//! An author's profile as a text to edit: front matter, and the biography in Markdown.

use super::profile::{Link, parse_name};
use crate::store::AuthorFields;
use anyhow::{Result, anyhow, bail};
use serde::{Deserialize, Serialize};

/// The front matter.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    name: String,
    #[serde(default)]
    picture: Option<String>,
    #[serde(default)]
    picture_alt: Option<String>,
    /// `Label=https://...`, as on the command line.
    #[serde(default)]
    links: Vec<String>,
}

/// A profile as it was edited. Its picture is not taken in yet.
pub(super) struct EditedProfile {
    pub(super) name: String,
    pub(super) bio: String,
    pub(super) picture: Option<String>,
    pub(super) picture_alt: Option<String>,
    pub(super) links: Vec<Link>,
}

/// Returns the text of a profile.
///
/// # Errors
/// If it can't be written as YAML.
pub(super) fn text_of(fields: &AuthorFields) -> Result<String> {
    let head = Head {
        name: fields.name.clone(),
        picture: fields.picture_url.clone(),
        picture_alt: fields.picture_alt.clone(),
        links: fields
            .links
            .iter()
            .map(|link| format!("{}={}", link.label, link.url))
            .collect(),
    };
    let head = serde_yaml_ng::to_string(&head)?;
    Ok(format!("---\n{head}---\n{}\n", fields.bio.trim_end()))
}

/// Reads a text that [`text_of`] made and the admin changed.
///
/// # Errors
/// With the reason, if it can't be understood.
pub(super) fn read(text: &str) -> Result<EditedProfile> {
    let text = text.replace("\r\n", "\n");
    let rest = text.trim_start_matches('\u{feff}').strip_prefix("---\n");
    let Some((head, bio)) = rest.and_then(|rest| rest.split_once("\n---")) else {
        bail!("the front matter is missing: begin with a line `---`, and end it with another one");
    };
    let head: Head = serde_yaml_ng::from_str(head)
        .map_err(|error| anyhow!("the front matter can't be read: {error}"))?;
    let links = head.links.iter().map(|link| {
        let parsed = link.parse::<Link>();
        parsed.map_err(|expected| anyhow!("the link {link:?} can't be read: {expected}"))
    });
    Ok(EditedProfile {
        name: parse_name(&head.name).map_err(anyhow::Error::msg)?,
        bio: bio
            .split_once('\n')
            .map_or("", |(_, bio)| bio)
            .trim()
            .to_owned(),
        picture: head.picture.filter(|picture| !picture.trim().is_empty()),
        picture_alt: head.picture_alt.filter(|alt| !alt.trim().is_empty()),
        links: links.collect::<Result<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ProfileLink;

    #[test]
    fn a_profile_survives_its_text() {
        let fields = AuthorFields {
            name: "Ada: \"the\" author".into(),
            bio: "Writes.\n\n---\n\nOn *engines*.".into(),
            federated: true,
            picture_url: Some("/media/a.jpg".into()),
            picture_alt: None,
            links: vec![ProfileLink {
                label: "Website".into(),
                url: "https://ada.example/?a=b".into(),
            }],
        };
        let read = read(&text_of(&fields).unwrap()).unwrap();
        assert_eq!((read.name, read.bio), (fields.name, fields.bio));
        assert_eq!((read.picture, read.picture_alt), (fields.picture_url, None));
        assert_eq!(read.links[0].0, fields.links[0]);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, message) in [
            ("Ada", "the front matter is missing"),
            ("---\nname: ''\n---\n", "the name must not be empty"),
            ("---\nname: Ada\nnmae: x\n---\n", "unknown field `nmae`"),
            ("---\nname: Ada\nlinks: [x]\n---\n", "write a link as"),
        ] {
            let error = format!("{:#}", read(text).err().unwrap());
            assert!(error.contains(message), "{text:?}: {error}");
        }
    }
}
