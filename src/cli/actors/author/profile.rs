//! The options of an author's profile.

use crate::{
    cli::common::pictures::import,
    node::{Node, media::Claims},
    store::{Author, AuthorFields, ProfileLink},
};
use anyhow::Result;
use clap::Args;
use std::str::FromStr;
use url::Url;

/// The parts of a profile besides name and biography.
#[derive(Debug, Args)]
pub(super) struct Profile {
    /// A picture of the author: a file, which is imported, or an address that begins with https://.
    #[arg(long, value_name = "FILE|URL")]
    pub(super) picture: Option<String>,
    /// The alternative text of the picture.
    #[arg(long, value_name = "TEXT")]
    pub(super) picture_alt: Option<String>,
    /// A link on the author's page and profile, such as `Website=https://example.org/`. Repeat it for more links; they
    /// replace all former ones.
    #[arg(long = "link", value_name = "LABEL=URL")]
    pub(super) links: Vec<Link>,
}

/// A link as the command line has it.
#[derive(Debug, Clone)]
pub(super) struct Link(pub(super) ProfileLink);

impl FromStr for Link {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "write a link as Website=https://example.org/";
        let (label, url) = text.split_once('=').ok_or(EXPECTED)?;
        let (label, url) = (label.trim(), url.trim());
        let parsed = Url::parse(url).map_err(|_| EXPECTED)?;
        if label.is_empty() || !matches!(parsed.scheme(), "https" | "http") {
            return Err(EXPECTED);
        }
        Ok(Link(ProfileLink {
            label: label.to_owned(),
            url: parsed.into(),
        }))
    }
}

impl Profile {
    /// Returns whether an option is given.
    pub(super) fn is_given(&self) -> bool {
        self.picture.is_some() || self.picture_alt.is_some() || !self.links.is_empty()
    }

    /// Takes the picture in, and sets what is given. Returns the claim on the picture.
    pub(super) async fn apply_to(&self, fields: &mut AuthorFields, node: &Node) -> Result<Claims> {
        let mut claims = Claims::default();
        if let Some(picture) = &self.picture {
            let (address, claim) = import(picture, node).await?;
            fields.picture_url = Some(address);
            claims = claim;
        }
        if let Some(alt) = &self.picture_alt {
            fields.picture_alt = Some(alt.clone()).filter(|alt| !alt.trim().is_empty());
        }
        if !self.links.is_empty() {
            fields.links = self.links.iter().map(|Link(link)| link.clone()).collect();
        }
        Ok(claims)
    }
}

/// Parses the name of an author, which must not be blank.
pub(super) fn parse_name(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("the name must not be empty"),
        name => Ok(name.to_owned()),
    }
}

/// Returns the profile that an author has.
pub(super) fn fields_of(author: &Author) -> AuthorFields {
    AuthorFields {
        name: author.name.clone(),
        bio: author.bio.clone(),
        federated: author.federated,
        picture_url: author.picture_url.clone(),
        picture_alt: author.picture_alt.clone(),
        links: author.links(),
    }
}

/// Returns a warning about a picture that has no alternative text.
pub(super) fn warning_of(fields: &AuthorFields) -> Option<&'static str> {
    (fields.picture_url.is_some() && fields.picture_alt.is_none()).then_some(
        "the picture has no alternative text for people who can't see it: add one with --picture-alt",
    )
}
