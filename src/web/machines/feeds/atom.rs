//! Atom (RFC 4287), with threading (RFC 4685) and paging (RFC 5005).

use super::{
    format::Format,
    model::{Entry, Feed, Picture, representable},
};
use atom_syndication::{
    Category, Content, Entry as AtomEntry, Feed as AtomFeed, Generator, Link, Person, Text,
    extension::{Extension, ExtensionMap},
};
use chrono::{DateTime, FixedOffset};
use std::collections::BTreeMap;

const XHTML: &str = "http://www.w3.org/1999/xhtml";
const THREADING: &str = "http://purl.org/syndication/thread/1.0";

/// Writes a feed as Atom.
pub(super) fn write(feed: &Feed) -> String {
    let namespaces = [("h", XHTML), ("thr", THREADING)];
    let mut links = vec![
        link("self", feed.own_address(Format::Atom), Some(Format::Atom)),
        Link {
            mime_type: Some("text/html".into()),
            ..link("alternate", feed.page.clone(), None)
        },
    ];
    if let Some(next) = feed.next_address(Format::Atom) {
        links.push(link("next", next, Some(Format::Atom)));
    }
    let document = AtomFeed {
        title: Text::plain(feed.title.clone()),
        id: feed.page.clone(),
        updated: date(feed.updated()),
        authors: vec![Person {
            name: feed.publisher.clone(),
            uri: Some(feed.home.clone()),
            ..Person::default()
        }],
        generator: Some(Generator {
            value: "Pamphlet".into(),
            version: Some(env!("CARGO_PKG_VERSION").into()),
            ..Generator::default()
        }),
        icon: Some(feed.icon.clone()),
        subtitle: Some(Text::plain(feed.description.clone())).filter(|text| !text.value.is_empty()),
        lang: Some(feed.language.clone()),
        links,
        entries: feed.entries.iter().map(entry).collect(),
        extensions: for_people(&[
            ("p", &feed.labels.explanation, None),
            ("a", &feed.labels.back, Some(&feed.page)),
        ]),
        namespaces: namespaces
            .map(|(prefix, name)| (prefix.to_owned(), name.to_owned()))
            .into(),
        ..AtomFeed::default()
    };
    document.to_string()
}

fn entry(entry: &Entry) -> AtomEntry {
    let text = |value: &str| Text {
        lang: entry.language.clone(),
        ..Text::plain(value)
    };
    let mut links = vec![Link {
        mime_type: Some("text/html".into()),
        ..link("alternate", entry.url.clone(), None)
    }];
    links.extend(entry.picture.as_ref().map(enclosure));
    let mut extensions = for_people(&[
        ("a", &entry.title, Some(&entry.url)),
        ("p", &entry.line, None),
    ]);
    if let Some(comments) = &entry.comments {
        let feed = format!("{}.atom", comments.feed);
        links.push(link("replies", feed, Some(Format::Atom)));
        add_threading(
            &mut extensions,
            "total",
            Some(comments.count.to_string()),
            &[],
        );
    }
    if let Some((id, url)) = &entry.reply_to {
        let attributes = [("ref", id.as_str()), ("href", url), ("type", "text/html")];
        add_threading(&mut extensions, "in-reply-to", None, &attributes);
    }
    AtomEntry {
        title: text(&entry.title),
        id: entry.id.clone(),
        updated: date(entry.updated),
        published: Some(date(entry.published)),
        authors: vec![Person {
            name: entry.author.name.clone(),
            uri: entry.author.url.clone(),
            ..Person::default()
        }],
        categories: entry.tags.iter().map(|tag| category(tag)).collect(),
        links,
        summary: (!entry.summary.is_empty()).then(|| text(&entry.summary)),
        content: Some(Content {
            content_type: Some("html".into()),
            value: Some(entry.html.clone()),
            lang: entry.language.clone(),
            ..Content::default()
        }),
        extensions,
        ..AtomEntry::default()
    }
}

fn category(tag: &str) -> Category {
    Category {
        term: tag.to_owned(),
        ..Category::default()
    }
}

fn enclosure(picture: &Picture) -> Link {
    Link {
        mime_type: Some(picture.media_type.clone()),
        length: picture.length.map(|length| length.to_string()),
        title: Some(picture.alt.clone()).filter(|alt| !alt.is_empty()),
        ..link("enclosure", picture.url.clone(), None)
    }
}

fn link(rel: &str, href: String, format: Option<Format>) -> Link {
    Link {
        rel: rel.into(),
        href,
        mime_type: format.map(|format| format.media_type().into()),
        ..Link::default()
    }
}

/// Returns elements of XHTML that only browsers show: name, text and the address of a link.
fn for_people(elements: &[(&str, &str, Option<&str>)]) -> ExtensionMap {
    let mut extensions = ExtensionMap::new();
    for (name, text, href) in elements {
        let attributes: Vec<(&str, &str)> = href.iter().map(|href| ("href", *href)).collect();
        let element = extension("h", name, Some((*text).to_owned()), &attributes);
        add(&mut extensions, "h", name, element);
    }
    extensions
}

fn add_threading(
    extensions: &mut ExtensionMap,
    name: &str,
    value: Option<String>,
    attributes: &[(&str, &str)],
) {
    let element = extension("thr", name, value, attributes);
    add(extensions, "thr", name, element);
}

fn add(extensions: &mut ExtensionMap, prefix: &str, name: &str, element: Extension) {
    let of_prefix = extensions.entry(prefix.to_owned()).or_default();
    of_prefix.entry(name.to_owned()).or_default().push(element);
}

fn extension(
    prefix: &str,
    name: &str,
    value: Option<String>,
    attributes: &[(&str, &str)],
) -> Extension {
    let attributes = attributes
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Extension {
        name: format!("{prefix}:{name}"),
        value,
        attrs: attributes.collect(),
        children: BTreeMap::new(),
    }
}

fn date(milliseconds: i64) -> DateTime<FixedOffset> {
    representable(milliseconds).fixed_offset()
}
