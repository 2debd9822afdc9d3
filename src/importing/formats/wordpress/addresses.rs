//! Addresses that posts, pages, authors and terms have had on the old site.

use super::{channel::Channel, tree::Element};
use crate::importing::formats::tag_page::segment;
use percent_encoding::percent_decode_str;
use url::Url;

/// Returns the path and query of an address on the old site, or the whole address on any other host.
fn path_of(address: &str, base: Option<&Url>) -> Option<String> {
    let url = match Url::parse(address) {
        Ok(url) => url,
        Err(_) => base?.join(address).ok()?,
    };
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let without_www = |url: &Url| {
        url.host_str()
            .map(|host| host.trim_start_matches("www.").to_owned())
    };
    if base.is_some_and(|base| without_www(base) == without_www(&url)) {
        let query = url.query().map(|query| format!("?{query}"));
        return Some(format!("{}{}", url.path(), query.unwrap_or_default()));
    }
    Some(url.into())
}

/// Returns an address below that of the site.
fn below(channel: &Channel, rest: &str) -> Option<String> {
    path_of(&format!("{}/{rest}", channel.base), channel.url().as_ref())
}

/// Returns the addresses of a post or a page.
pub(super) fn of_item(item: &Element, channel: &Channel) -> Vec<String> {
    let base = channel.url();
    let (id, link) = (item.text_of("wp:post_id"), item.text_of("link"));
    let mut paths: Vec<String> = Vec::new();
    let mut add = |path: Option<String>| {
        if let Some(path) = path
            && path != "/"
            && !paths.contains(&path)
        {
            paths.push(path);
        }
    };
    add(path_of(link, base.as_ref()));
    // Posts of feeds and of other sites keep their ids from there.
    let guid = item.text_of("guid");
    if guid.starts_with("http") {
        add(path_of(guid, base.as_ref()).filter(|path| path.starts_with('/')));
    }
    add(below(channel, &format!("?p={id}")));
    if item.text_of("wp:post_type") == "page" {
        add(below(channel, &format!("?page_id={id}")));
    }
    let slug = item.text_of("wp:post_name");
    let old_slugs = item
        .all("wp:postmeta")
        .filter(|meta| meta.text_of("wp:meta_key") == "_wp_old_slug");
    for old in old_slugs.map(|meta| meta.text_of("wp:meta_value")) {
        // The last segment of the permalink is the slug, if the site had such permalinks.
        let slash = if link.ends_with('/') { "/" } else { "" };
        if let Some(start) = link.trim_end_matches('/').strip_suffix(slug)
            && !slug.is_empty()
            && !old.is_empty()
        {
            add(path_of(&format!("{start}{old}{slash}"), base.as_ref()));
        }
    }
    paths
}

/// Returns the address of a comment, which is its ActivityPub id, too.
pub(super) fn of_comment(id: &str, channel: &Channel) -> Option<String> {
    below(channel, &format!("?c={id}"))
}

/// Returns the addresses of an author's page.
pub(super) fn of_author(id: &str, login: &str, channel: &Channel) -> Vec<String> {
    let plain: String = login
        .to_lowercase()
        .chars()
        .map(|c| if c.is_whitespace() { '-' } else { c })
        .collect();
    let mut slugs = vec![plain, title_slug(login)];
    slugs.dedup();
    let by_number = (!id.is_empty())
        .then(|| below(channel, &format!("?author={id}")))
        .flatten();
    let by_name = slugs
        .iter()
        .filter(|slug| !slug.is_empty())
        .filter_map(|slug| below(channel, &format!("author/{}/", segment(slug))));
    by_number.into_iter().chain(by_name).collect()
}

/// Returns the slug that WordPress makes of a login (`sanitize_title`): `j-smith` of `j.smith`.
fn title_slug(login: &str) -> String {
    let mut slug = String::new();
    for c in deunicode::deunicode(login).to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' | '_' => slug.push(c),
            '.' | '-' | ' ' if !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    slug.trim_matches('-').to_owned()
}

/// Returns the addresses of a category's or a tag's page.
pub(super) fn of_term(domain: &str, slug: &str, channel: &Channel) -> Vec<String> {
    let mut addresses = Vec::new();
    if domain == "post_tag" {
        addresses.extend(below(channel, &format!("tag/{slug}/")));
        addresses.extend(below(channel, &format!("?tag={slug}")));
        return addresses;
    }
    let path = channel.path_of(slug);
    addresses.extend(below(channel, &format!("category/{}/", path.join("/"))));
    if path.len() > 1 {
        addresses.extend(below(channel, &format!("category/{slug}/")));
    }
    let id = channel.category_id(slug);
    addresses.extend(id.and_then(|id| below(channel, &format!("?cat={id}"))));
    addresses
}

/// Returns a slug as people read it: WordPress stores it encoded.
pub(super) fn decoded(slug: &str) -> String {
    percent_decode_str(slug).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::title_slug;

    #[test]
    fn slugs_of_logins_are_those_of_wordpress() {
        for (login, slug) in [
            ("dan", "dan"),
            ("j.smith", "j-smith"),
            ("J Smith", "j-smith"),
            ("ada@example.org", "adaexample-org"),
            ("Jürgen", "jurgen"),
            ("- a_b -", "a_b"),
        ] {
            assert_eq!(title_slug(login), slug);
        }
    }
}
