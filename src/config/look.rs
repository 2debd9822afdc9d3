//! The look of the site's pages: `theme`, `stylesheet`, `accent`, `logo` and `cover` of `[site]`.

use super::{ConfigError, Picture, Site};
use crate::base::color::Color;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The accent colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Accent(pub Color);

impl TryFrom<String> for Accent {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Color::parse(&text).map(Accent).ok_or_else(|| {
            format!(
                "{text:?} is not a colour: write #1a7f6b, rgb(26, 127, 107) or hsl(168, 66%, 30%)"
            )
        })
    }
}

impl Site {
    /// Checks the files of the look, whose paths are resolved. Returns the mistakes.
    pub(super) fn check_look(&self) -> Vec<ConfigError> {
        let mut mistakes = Vec::new();
        for (name, picture) in [("site.logo", &self.logo), ("site.cover", &self.cover)] {
            if let Some(Picture::Url(url)) = picture {
                mistakes.push(ConfigError::Value {
                    name,
                    value: url.to_string(),
                    expected: "it must be a file, because pages load nothing from other servers",
                });
            }
        }
        let theme = check_kind(
            "site.theme",
            self.theme.as_ref(),
            "it must be a folder",
            Path::is_dir,
        );
        let stylesheet = check_kind(
            "site.stylesheet",
            self.stylesheet.as_ref(),
            "it must be a file",
            Path::is_file,
        );
        mistakes.extend(theme.err());
        mistakes.extend(stylesheet.err());
        mistakes
    }
}

fn check_kind(
    name: &'static str,
    path: Option<&PathBuf>,
    expected: &'static str,
    is_right: fn(&Path) -> bool,
) -> Result<(), ConfigError> {
    match path {
        Some(path) if !is_right(path) => Err(ConfigError::Value {
            name,
            value: path.display().to_string(),
            expected,
        }),
        _ => Ok(()),
    }
}
