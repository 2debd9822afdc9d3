//! The configuration file as it is written: read, and with its mistakes described.

use super::{
    Cache, Comments, ConfigError, Conversations, Delivery, Federation, Followers, Limits, Log,
    Mail, Media, Metrics, Notices, Site, Spam, Tls,
};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The number of mistakes in one file that are reported at most.
const MOST_MISTAKES: usize = 30;
/// The similarity (0 to 1) from which on a known key is suggested for an unknown one.
const SIMILAR: f64 = 0.7;

/// The configuration file before it is checked.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) public_url: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) listen: Option<String>,
    pub(super) data: Option<PathBuf>,
    pub(super) database_url: Option<String>,
    pub(super) database_direct_url: Option<String>,
    pub(super) development: Option<bool>,
    pub(super) extra_roots: Option<PathBuf>,
    pub(super) site: Site,
    pub(super) comments: Comments,
    pub(super) spam: Spam,
    pub(super) mail: Mail,
    pub(super) notices: Notices,
    pub(super) cache: Cache,
    pub(super) conversations: Conversations,
    pub(super) followers: Followers,
    pub(super) federation: Federation,
    pub(super) delivery: Delivery,
    pub(super) limits: Limits,
    pub(super) media: Media,
    pub(super) metrics: Metrics,
    pub(super) log: Log,
    pub(super) tls: Tls,
}

impl File {
    /// Reads a file.
    ///
    /// # Errors
    /// With all mistakes, in their order, if it can't be read or is malformed.
    pub(super) fn read(path: &Path) -> Result<File, Vec<ConfigError>> {
        let text = read_text(path).map_err(|error| vec![error])?;
        let first = match toml::from_str::<File>(&text) {
            Ok(file) => return Ok(file),
            Err(error) => error,
        };
        let mut mistakes = vec![malformed(path, &text, &first)];
        if text.parse::<toml::Table>().is_ok() {
            mistakes.extend(further_mistakes(path, &text, first));
        }
        Err(mistakes)
    }
}

/// Reads the text of the file.
pub(super) fn read_text(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
        path: path.display().to_string(),
        error,
    })
}

/// Returns the mistakes after the first one. The parser stops at each, so its line is left out and the rest read again.
fn further_mistakes(path: &Path, text: &str, first: toml::de::Error) -> Vec<ConfigError> {
    let mut found = Vec::new();
    let mut rest = text.to_owned();
    let mut error = first;
    while found.len() + 1 < MOST_MISTAKES {
        let Some(shorter) = without_mistake(&rest, &error) else {
            break;
        };
        rest = shorter;
        match toml::from_str::<File>(&rest) {
            Ok(_) => break,
            Err(next) => {
                found.push(malformed(path, &rest, &next));
                error = next;
            }
        }
    }
    found
}

/// Blanks the lines of a mistake, and those of the table if it is in a heading. The numbers of the other lines remain.
/// Returns `None` if the place is unknown or was blanked before.
fn without_mistake(text: &str, error: &toml::de::Error) -> Option<String> {
    let span = error.span()?;
    let first = line_of(text, span.start);
    let last = line_of(text, span.end.saturating_sub(1).max(span.start));
    let lines: Vec<&str> = text.lines().collect();
    if lines.get(first)?.trim().is_empty() {
        return None;
    }
    let is_heading = |line: &str| line.trim_start().starts_with('[');
    let end = if is_heading(lines[first]) {
        let next = lines
            .iter()
            .skip(first + 1)
            .position(|line| is_heading(line));
        next.map_or(lines.len(), |after| first + 1 + after)
    } else {
        last + 1
    };
    let kept = lines.iter().enumerate().map(|(number, line)| {
        if (first..end).contains(&number) {
            ""
        } else {
            line
        }
    });
    let shorter = kept.collect::<Vec<_>>().join("\n");
    // A value over several lines that is blanked in part would be a new mistake.
    shorter.parse::<toml::Table>().is_ok().then_some(shorter)
}

fn line_of(text: &str, position: usize) -> usize {
    let before = text.get(..position).unwrap_or(text);
    before.matches('\n').count()
}

fn malformed(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let message = suggestion(error.message()).unwrap_or_else(|| error.message().to_owned());
    let message = message.trim().replace('\n', "; ");
    ConfigError::Malformed {
        path: path.display().to_string(),
        message: match error.span() {
            Some(span) => format!("line {}: {message}", line_of(text, span.start) + 1),
            None => message,
        },
    }
}

/// Returns the message about an unknown key with the known one that is most like it, if one is.
fn suggestion(message: &str) -> Option<String> {
    let mut quoted = message
        .strip_prefix("unknown field ")?
        .split('`')
        .skip(1)
        .step_by(2);
    let unknown = quoted.next()?;
    let likeness = |known: &str| strsim::jaro_winkler(known, unknown);
    let nearest = quoted.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(nearest) >= SIMILAR)
        .then(|| format!("unknown key `{unknown}`: did you mean `{nearest}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_mistakes_of_a_file_are_found_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pamphlet.toml");
        let text = "public_ulr = \"https://a.example\"\n[site]\nlang = \"en\"\nname = \"A\"\ntime_zone = \"Berlin\"\n\
                    [delivry]\ntimeout = 3\n[comments]\nmoderation = \"no\"\n";
        std::fs::write(&path, text).unwrap();
        let mistakes = File::read(&path).unwrap_err();
        let shown: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        for (line, part) in [
            ("line 1", "did you mean `public_url`?"),
            ("line 3", "did you mean `language`?"),
            ("line 5", "Europe/Berlin"),
            ("line 6", "did you mean `delivery`?"),
            ("line 9", "\"no\""),
        ] {
            assert!(
                shown
                    .iter()
                    .any(|text| text.contains(line)
                        && (text.contains(part) || text.contains("`no`"))),
                "{line} {part}: {shown:#?}"
            );
        }
        assert_eq!(mistakes.len(), 5, "{shown:#?}");
    }
}
