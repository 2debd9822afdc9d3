//! Addresses that WordPress shows as what is there: a video, a track, a post. They become links in paragraphs of their own;
//! for videos the page shows a player in their place.

use crate::content::html::escape;
use url::Url;

/// Domains whose addresses WordPress embeds if they stand in a line of their own.
const PROVIDERS: &[&str] = &[
    "animoto.com",
    "bsky.app",
    "cloudup.com",
    "crowdsignal.com",
    "dailymotion.com",
    "dai.ly",
    "facebook.com",
    "flickr.com",
    "flic.kr",
    "funnyordie.com",
    "hulu.com",
    "imgur.com",
    "instagram.com",
    "issuu.com",
    "kickstarter.com",
    "mixcloud.com",
    "photobucket.com",
    "pinterest.com",
    "polldaddy.com",
    "reddit.com",
    "reverbnation.com",
    "screencast.com",
    "scribd.com",
    "slideshare.net",
    "smugmug.com",
    "soundcloud.com",
    "speakerdeck.com",
    "spotify.com",
    "ted.com",
    "tiktok.com",
    "tumblr.com",
    "twitter.com",
    "videopress.com",
    "vimeo.com",
    "vine.co",
    "wordpress.tv",
    "x.com",
    "youtu.be",
    "youtube.com",
    "youtube-nocookie.com",
];

/// Returns the paragraph for an address that is embedded, or `None` if it is no such address.
pub(super) fn paragraph_of(address: &str) -> Option<String> {
    let url = Url::parse(address.trim()).ok()?;
    let host = url.host_str()?;
    let is_embedded = PROVIDERS.iter().any(|provider| {
        host.strip_suffix(provider)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    (is_embedded && matches!(url.scheme(), "http" | "https")).then(|| link(&short(&url)))
}

/// Returns the paragraph for a shortcode that has an address or an id.
pub(super) fn of_shortcode(name: &str, value: &str) -> Option<String> {
    let value = value.replace("&amp;", "&").replace("&#038;", "&");
    if let Ok(url) = Url::parse(&value)
        && matches!(url.scheme(), "http" | "https")
    {
        return Some(link(&short(&url)));
    }
    let is_id = !value.is_empty()
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let address = match name {
        "youtube" | "youtube_sc" if is_id => format!("https://www.youtube.com/watch?v={value}"),
        "vimeo" if is_id => format!("https://vimeo.com/{value}"),
        "dailymotion" if is_id => format!("https://www.dailymotion.com/video/{value}"),
        "ted" if is_id => format!("https://www.ted.com/talks/{value}"),
        "tweet" if is_id => format!("https://twitter.com/i/status/{value}"),
        "instagram" if is_id => format!("https://www.instagram.com/p/{value}/"),
        "wpvideo" if is_id => format!("https://videopress.com/v/{value}"),
        _ if value.starts_with("www.") || value.starts_with("//") => {
            format!("https://{}", value.trim_start_matches('/'))
        }
        _ => return None,
    };
    Some(link(&address))
}

fn link(address: &str) -> String {
    let address = escape(address);
    format!("<p><a href=\"{address}\">{address}</a></p>")
}

/// Returns the address of a video in the form that has only its id, or any other address as it is.
fn short(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let path: Vec<&str> = url.path_segments().into_iter().flatten().collect();
    if host.ends_with("youtube.com") || host.ends_with("youtube-nocookie.com") {
        let id = match path.as_slice() {
            ["watch"] => url
                .query_pairs()
                .find(|(key, _)| key == "v")
                .map(|(_, id)| id.into_owned()),
            ["embed" | "v", id] => Some((*id).to_owned()),
            _ => None,
        };
        if let Some(id) = id {
            return format!("https://www.youtube.com/watch?v={id}");
        }
    }
    if host == "player.vimeo.com"
        && let ["video", id] = path.as_slice()
    {
        return format!("https://vimeo.com/{id}");
    }
    url.to_string()
}

/// Makes paragraphs of the addresses that stand in lines of their own.
pub(super) fn replace_lines(text: &str) -> String {
    if !text.contains("://") {
        return text.to_owned();
    }
    let lines = text.split('\n').map(|line| {
        let address = line.trim();
        let is_alone = address.starts_with("http") && !address.contains(char::is_whitespace);
        let paragraph = is_alone
            .then(|| paragraph_of(&address.replace("&amp;", "&")))
            .flatten();
        paragraph.map_or_else(|| line.to_owned(), |paragraph| format!("\n{paragraph}\n"))
    });
    lines.collect::<Vec<_>>().join("\n")
}
