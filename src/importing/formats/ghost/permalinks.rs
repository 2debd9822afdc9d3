//! The addresses of posts on a site of Ghost's.

use super::tables::Tables;
use crate::base::time::from_millis;
use chrono::Datelike;
use chrono_tz::Tz;

/// The form of the addresses, such as `/:year/:month/:slug/`.
#[derive(Debug, Clone)]
pub(super) struct Permalinks {
    form: String,
    zone: Tz,
}

/// The characters that an address can contain.
pub(super) struct Parts<'a> {
    pub(super) id: &'a str,
    pub(super) slug: &'a str,
    pub(super) published_at: Option<i64>,
    pub(super) author: Option<&'a str>,
    pub(super) tag: Option<&'a str>,
}

impl Permalinks {
    /// Returns the form of the addresses: that of an old version's settings. Since version 2 it is in a file of the site's,
    /// which is no part of an export; without a change to that it is `/:slug/`.
    pub(super) fn of(tables: &Tables) -> Permalinks {
        let setting = |name: &str| tables.settings.get(name).cloned();
        let form =
            setting("permalinks").filter(|form| form.contains(":slug") || form.contains(":id"));
        let zone = setting("timezone").or_else(|| setting("active_timezone"));
        Permalinks {
            form: form.unwrap_or_else(|| "/:slug/".to_owned()),
            zone: zone.and_then(|zone| zone.parse().ok()).unwrap_or(Tz::UTC),
        }
    }

    /// Returns the addresses at which the site shows a post.
    pub(super) fn paths(&self, parts: &Parts<'_>) -> Vec<String> {
        let time = from_millis(parts.published_at.unwrap_or_default()).with_timezone(&self.zone);
        let own = self
            .form
            .replace(":slug", parts.slug)
            .replace(":year", &format!("{:04}", time.year()))
            .replace(":month", &format!("{:02}", time.month()))
            .replace(":day", &format!("{:02}", time.day()))
            .replace(":primary_author", parts.author.unwrap_or("all"))
            .replace(":author", parts.author.unwrap_or("all"))
            .replace(":primary_tag", parts.tag.unwrap_or("all"))
            .replace(":id", parts.id);
        let short = format!("/{}/", parts.slug);
        let mut paths = vec![own];
        if paths[0] != short {
            paths.push(short);
        }
        // Up to version 5 there was a second form for telephones.
        let amp: Vec<String> = paths
            .iter()
            .map(|path| format!("{}/amp/", path.trim_end_matches('/')))
            .collect();
        paths.extend(amp);
        paths
    }
}
