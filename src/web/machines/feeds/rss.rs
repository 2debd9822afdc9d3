//! RSS 2.0, with the modules that readers of feeds know: `content`, `dc`, `atom`, `media` and `slash`.

use super::{
    format::Format,
    model::{Entry, Feed, Picture, representable},
};
use crate::base::time::format_rfc3339;
use rss::{
    Category, Channel, Enclosure, Guid, Image, Item,
    extension::{Extension, ExtensionMap, dublincore::DublinCoreExtension},
};
use std::collections::BTreeMap;

const NAMESPACES: [(&str, &str); 4] = [
    ("atom", "http://www.w3.org/2005/Atom"),
    ("h", "http://www.w3.org/1999/xhtml"),
    ("media", "http://search.yahoo.com/mrss/"),
    ("slash", "http://purl.org/rss/1.0/modules/slash/"),
];

/// Writes a feed as RSS.
pub(super) fn write(feed: &Feed) -> String {
    let mut extensions = ExtensionMap::new();
    let mut links = vec![("self", feed.own_address(Format::Rss))];
    links.extend(feed.next_address(Format::Rss).map(|next| ("next", next)));
    for (rel, href) in links {
        let attributes = [
            ("rel", rel),
            ("href", &href),
            ("type", Format::Rss.media_type()),
        ];
        add(&mut extensions, element("atom:link", None, &attributes));
    }
    add(
        &mut extensions,
        element("h:p", Some(&feed.labels.explanation), &[]),
    );
    add(
        &mut extensions,
        element("h:a", Some(&feed.labels.back), &[("href", &feed.page)]),
    );
    let channel = Channel {
        title: feed.title.clone(),
        link: feed.page.clone(),
        // RSS demands a description.
        description: Some(feed.description.clone())
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| feed.title.clone()),
        language: Some(feed.language.clone()),
        last_build_date: Some(date(feed.updated())),
        generator: Some(concat!("Pamphlet ", env!("CARGO_PKG_VERSION")).into()),
        image: Some(Image {
            url: feed.icon.clone(),
            title: feed.title.clone(),
            link: feed.page.clone(),
            ..Image::default()
        }),
        items: feed.entries.iter().map(item).collect(),
        extensions,
        namespaces: NAMESPACES
            .map(|(prefix, name)| (prefix.to_owned(), name.to_owned()))
            .into(),
        ..Channel::default()
    };
    channel.to_string()
}

fn item(entry: &Entry) -> Item {
    let mut extensions = ExtensionMap::new();
    add(
        &mut extensions,
        element("atom:updated", Some(&rfc3339(entry.updated)), &[]),
    );
    add(
        &mut extensions,
        element("h:a", Some(&entry.title), &[("href", &entry.url)]),
    );
    add(&mut extensions, element("h:p", Some(&entry.line), &[]));
    if let Some(comments) = &entry.comments {
        let count = comments.count.to_string();
        add(
            &mut extensions,
            element("slash:comments", Some(&count), &[]),
        );
    }
    if let Some(picture) = &entry.picture {
        add(&mut extensions, media_of(picture));
    }
    Item {
        title: (!entry.is_title_made).then(|| entry.title.clone()),
        link: Some(entry.url.clone()),
        description: Some(entry.summary.clone()),
        categories: entry.tags.iter().map(|tag| category(tag)).collect(),
        comments: entry
            .comments
            .as_ref()
            .map(|comments| comments.page.clone()),
        enclosure: entry.picture.as_ref().and_then(enclosure),
        guid: Some(Guid {
            value: entry.id.clone(),
            permalink: false,
        }),
        pub_date: Some(date(entry.published)),
        content: Some(entry.html.clone()),
        extensions,
        dublin_core_ext: Some(DublinCoreExtension {
            creators: vec![entry.author.name.clone()],
            languages: entry.language.iter().cloned().collect(),
            ..DublinCoreExtension::default()
        }),
        ..Item::default()
    }
}

fn category(tag: &str) -> Category {
    Category {
        name: tag.to_owned(),
        domain: None,
    }
}

/// Returns the enclosure, which must have a length.
fn enclosure(picture: &Picture) -> Option<Enclosure> {
    Some(Enclosure {
        url: picture.url.clone(),
        length: picture.length?.to_string(),
        mime_type: picture.media_type.clone(),
    })
}

/// Returns the picture as Media RSS, which has room for its alternative text.
fn media_of(picture: &Picture) -> Extension {
    let mut attributes = vec![
        ("url", picture.url.clone()),
        ("type", picture.media_type.clone()),
        ("medium", "image".to_owned()),
    ];
    let length = picture.length.map(|length| length.to_string());
    attributes.extend(length.map(|length| ("fileSize", length)));
    if let Some((width, height)) = picture.size {
        attributes.extend([("width", width.to_string()), ("height", height.to_string())]);
    }
    let attributes: Vec<(&str, &str)> = attributes
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let mut media = element("media:content", None, &attributes);
    if !picture.alt.is_empty() {
        let description = element(
            "media:description",
            Some(&picture.alt),
            &[("type", "plain")],
        );
        media
            .children
            .insert("description".to_owned(), vec![description]);
    }
    media
}

fn add(extensions: &mut ExtensionMap, element: Extension) {
    let (prefix, name) = element.name.split_once(':').unwrap_or_default();
    let (prefix, name) = (prefix.to_owned(), name.to_owned());
    let of_prefix = extensions.entry(prefix).or_default();
    of_prefix.entry(name).or_default().push(element);
}

fn element(name: &str, value: Option<&str>, attributes: &[(&str, &str)]) -> Extension {
    let attributes = attributes
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Extension {
        name: name.to_owned(),
        value: value.map(str::to_owned),
        attrs: attributes.collect(),
        children: BTreeMap::new(),
    }
}

fn date(milliseconds: i64) -> String {
    representable(milliseconds).to_rfc2822()
}

fn rfc3339(milliseconds: i64) -> String {
    format_rfc3339(representable(milliseconds))
}
