//! Links to videos on YouTube and Vimeo.

use url::Url;

/// A video on a known site.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Video {
    /// An id of 11 characters of `A-Z a-z 0-9 _ -`.
    YouTube(String),
    /// An id of at most 12 digits.
    Vimeo(String),
}

impl Video {
    /// Returns the video whose bare URL is all that a line of Markdown has.
    pub(super) fn from_line(line: &str) -> Option<Self> {
        let line = line.trim();
        let link = line
            .strip_prefix('<')
            .and_then(|link| link.strip_suffix('>'))
            .unwrap_or(line);
        if link.contains(char::is_whitespace) {
            return None;
        }
        Self::from_url(&Url::parse(link).ok()?)
    }

    fn from_url(url: &Url) -> Option<Self> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let host = url.host_str()?;
        let host = host
            .strip_prefix("www.")
            .or(host.strip_prefix("m."))
            .unwrap_or(host);
        let path: Vec<&str> = url.path_segments()?.collect();
        match (host, path.as_slice()) {
            ("youtube.com", ["watch"]) => {
                let (_, id) = url.query_pairs().find(|(name, _)| name == "v")?;
                Self::youtube(&id)
            }
            ("youtube.com", ["shorts", id]) | ("youtu.be", [id]) => Self::youtube(id),
            ("vimeo.com", [id]) => Self::vimeo(id),
            _ => None,
        }
    }

    fn youtube(id: &str) -> Option<Self> {
        let fits = id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        (fits && id.len() == 11).then(|| Self::YouTube(id.to_owned()))
    }

    fn vimeo(id: &str) -> Option<Self> {
        let fits = id.bytes().all(|b| b.is_ascii_digit());
        (fits && (1..=12).contains(&id.len())).then(|| Self::Vimeo(id.to_owned()))
    }

    /// Returns the HTML for the page. `class` and `data-embed-id` are for scripts.
    pub(super) fn to_figure(&self) -> String {
        let (class, name, id, url) = match self {
            Self::YouTube(id) => (
                "youtube",
                "YouTube",
                id,
                format!("https://www.youtube.com/watch?v={id}"),
            ),
            Self::Vimeo(id) => ("vimeo", "Vimeo", id, format!("https://vimeo.com/{id}")),
        };
        format!(
            "<figure class=\"embed embed-{class}\" data-embed-id=\"{id}\">\
             <a href=\"{url}\">Watch the video on {name}</a></figure>\n"
        )
    }
}
