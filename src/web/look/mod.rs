//! The look of the pages by configuration: one style sheet, made of the program's, the accent colour and the admin's own,
//! and the files of a theme.

use crate::{
    base::color::Color,
    config::Site,
    web::templates::{Templates, ThemeError},
};
use anyhow::{Context, Result, anyhow};
use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use std::{fmt::Write, path::Path};

/// The program's own style sheet.
const OWN: &str = include_str!("../../../static/pamphlet.css");
/// The maximum size of the admin's own style sheet, in bytes.
const MAX_STYLESHEET: u64 = 256 * 1024;

/// The style sheet of the pages. Its name contains a hash of its content, so that browsers may keep it for ever.
pub(crate) struct StyleSheet {
    /// The name under `/static/`.
    pub name: String,
    pub content: Bytes,
}

impl StyleSheet {
    /// Makes the style sheet for a site.
    ///
    /// # Errors
    /// If the admin's own style sheet can't be read.
    pub(crate) fn of(site: &Site) -> Result<StyleSheet> {
        let mut content = OWN.to_owned();
        if let Some(accent) = site.accent {
            content.push_str(&accent_rules(accent.0)?);
        }
        if let Some(path) = &site.stylesheet {
            let own = read(path).with_context(|| format!("site.stylesheet {}", path.display()))?;
            content.push_str(&own);
        }
        let hash = HEXLOWER.encode(&digest(&SHA256, content.as_bytes()).as_ref()[..8]);
        Ok(StyleSheet {
            name: format!("pamphlet-{hash}.css"),
            content: content.into(),
        })
    }

    /// Returns the path at which it is served.
    pub(crate) fn address(&self) -> String {
        format!("/static/{}", self.name)
    }
}

/// Returns the templates of a site, with its theme. With `reloads`, changed files of the theme are read again.
///
/// # Errors
/// If a template of the theme is broken: the error names its file and line.
pub(crate) fn templates(
    site: &Site,
    style: &StyleSheet,
    reloads: bool,
) -> Result<Templates, ThemeError> {
    let templates =
        Templates::new(&site.language, site.time_zone).with_stylesheet(&style.address());
    match &site.theme {
        Some(folder) => templates.with_theme(folder, reloads),
        None => Ok(templates),
    }
}

/// Checks the look before a node starts.
///
/// # Errors
/// As [`StyleSheet::of`] and [`templates`].
pub(crate) fn check(site: &Site) -> Result<()> {
    templates(site, &StyleSheet::of(site)?, false)?;
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    if std::fs::metadata(path)?.len() > MAX_STYLESHEET {
        return Err(anyhow!("is larger than {} KB", MAX_STYLESHEET / 1024));
    }
    Ok(std::fs::read_to_string(path)?)
}

/// Returns rules for the accent colour, adjusted so that text in it is readable on light and on dark pages.
fn accent_rules(accent: Color) -> Result<String> {
    let [light, dark] = papers(OWN).ok_or_else(|| anyhow!("the style sheet names no papers"))?;
    let colors = |papers: &[Color]| {
        let color = accent.readable_on(papers);
        let strong = color.stronger_on(papers);
        format!(":root{{--accent:{color};--accent-strong:{strong}}}")
    };
    let mut rules = String::new();
    write!(
        rules,
        "\n{}\n@media(prefers-color-scheme:dark){{{}}}\n@media print{{:root{{--accent:#000}}}}\n",
        colors(&light),
        colors(&dark)
    )?;
    Ok(rules)
}

/// Returns the colours of light and of dark pages behind text: the first and the second values of `--paper` and
/// `--sheet`.
fn papers(css: &str) -> Option<[[Color; 2]; 2]> {
    let values = |name: &str| {
        let mut all = css.split(name).skip(1).map(|rest| {
            let end = rest.find(';').unwrap_or(rest.len());
            Color::parse(&rest[..end])
        });
        Some([all.next()??, all.next()??])
    };
    let ([light, dark], [light_sheet, dark_sheet]) = (values("--paper:")?, values("--sheet:")?);
    Some([[light, light_sheet], [dark, dark_sheet]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Accent;

    #[test]
    fn the_style_sheet_has_the_accent_and_another_name_with_it() {
        let plain = StyleSheet::of(&Site::default()).unwrap();
        let site = Site {
            accent: Some(Accent(Color::parse("yellow").unwrap())),
            ..Site::default()
        };
        let yellow = StyleSheet::of(&site).unwrap();
        assert_ne!(plain.name, yellow.name);
        let css = String::from_utf8(yellow.content.to_vec()).unwrap();
        let [light, dark] = papers(OWN).unwrap();
        let written: Vec<Color> = css
            .split("--accent:")
            .filter_map(|rest| Color::parse(rest.get(..7)?))
            .collect();
        let [.., for_light, for_dark] = written.as_slice() else {
            panic!("no accent");
        };
        assert!(light.iter().all(|paper| for_light.contrast(*paper) >= 4.5));
        assert!(dark.iter().all(|paper| for_dark.contrast(*paper) >= 4.5));
    }
}
