//! Checks the answers to `pamphlet init`, and finds the defaults that the system suggests.

use crate::content::Language;
use chrono_tz::Tz;
use std::path::Path;

/// Returns a text that is one line.
pub(super) fn one_line(text: String) -> Result<String, &'static str> {
    if text.chars().any(char::is_control) {
        Err("it must be one line, without control characters")
    } else {
        Ok(text)
    }
}

/// Reads the name of a time zone.
///
/// # Errors
/// A sentence with the name that is most like it.
pub(super) fn zone_named(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| {
        let like =
            |zone: &&Tz| strsim::jaro_winkler(&zone.name().to_lowercase(), &text.to_lowercase());
        let by_city = chrono_tz::TZ_VARIANTS.iter().find(|zone| {
            let city = zone.name().rsplit('/').next().unwrap_or_default();
            city.replace('_', " ")
                .eq_ignore_ascii_case(&text.replace('_', " "))
        });
        let nearest = by_city.or_else(|| {
            chrono_tz::TZ_VARIANTS
                .iter()
                .max_by(|a, b| like(a).total_cmp(&like(b)))
        });
        let nearest = nearest.map_or("Europe/Berlin", |zone| zone.name());
        format!("{text:?} is not a time zone: write an IANA name, such as {nearest}")
    })
}

/// Returns an email address.
pub(super) fn parse_address(text: String) -> Result<String, String> {
    match text.parse::<lettre::Address>() {
        Ok(_) => Ok(text),
        Err(_) => Err(format!(
            "{text:?} is not an email address, such as admin@example.org"
        )),
    }
}

/// Returns a sender of mails.
pub(super) fn parse_sender(text: String) -> Result<String, String> {
    match text.parse::<lettre::message::Mailbox>() {
        Ok(_) => Ok(text),
        Err(_) => Err(format!(
            "{text:?} is not a sender: write it as \"Pamphlet <blog@example.org>\""
        )),
    }
}

/// Returns the URL of a mail server.
pub(super) fn parse_server(text: String) -> Result<String, String> {
    let is_server = url::Url::parse(&text)
        .is_ok_and(|url| matches!(url.scheme(), "smtp" | "smtps") && url.has_host());
    if is_server {
        Ok(text)
    } else {
        // The text may have a password.
        Err(
            "the mail server must be a URL that begins with smtps:// or smtp:// and has a host"
                .to_owned(),
        )
    }
}

/// Quotes a name that is not a plain word sequence for a mail address.
pub(super) fn quoted_name(name: &str) -> String {
    if name.chars().all(|c| c.is_alphanumeric() || c == ' ') {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace(['"', '\\'], ""))
    }
}

/// Returns the language of the admin's system, if it is one.
pub(super) fn system_language() -> String {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let tag = set.unwrap_or_default();
    let tag = tag.split(['.', '@', '_']).next().unwrap_or_default();
    match tag.parse::<Language>() {
        Ok(language) => language.to_string(),
        Err(_) => "en".to_owned(),
    }
}

/// Returns the time zone of the system.
pub(super) fn system_zone() -> Tz {
    let from_variable = std::env::var("TZ").ok();
    let from_file = || std::fs::read_to_string("/etc/timezone").ok();
    let from_link = || {
        let target = std::fs::canonicalize("/etc/localtime").ok()?;
        let zone = target.strip_prefix(Path::new("/usr/share/zoneinfo")).ok()?;
        Some(zone.display().to_string())
    };
    let name = from_variable.or_else(from_file).or_else(from_link);
    let name = name.unwrap_or_default();
    name.trim()
        .trim_start_matches(':')
        .parse()
        .unwrap_or(Tz::UTC)
}
