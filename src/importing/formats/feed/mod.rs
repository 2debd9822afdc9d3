//! Feeds: RSS, Atom and JSON Feed, from a file or an address. They have only the newest articles of most sites.

mod fetch;
mod json;

pub(crate) use fetch::fetch;

use crate::{
    content::{Html, markdown},
    importing::{
        ImportError, Source,
        model::{Body, ImportedArticle, Item, Located, Place, Read},
    },
};
use atom_syndication::Text;
use chrono::DateTime;
use std::path::Path;
use url::Url;

/// The maximum size of a feed, in bytes.
const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// Reads a feed from a file.
///
/// # Errors
/// If it can't be read, or is no feed.
pub(crate) fn open(path: &Path) -> Result<Source, ImportError> {
    let shown = path.display().to_string();
    let unreadable = |source| ImportError::Read {
        path: shown.clone(),
        source,
    };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > MAX_BYTES {
        return Err(too_large(&shown));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    parse(&bytes, &shown, None)
}

fn too_large(name: &str) -> ImportError {
    ImportError::mistake(format!(
        "{name} exceeds the size limit of {} MiB for feeds",
        MAX_BYTES >> 20
    ))
}

/// Reads a feed. Its site is the one that it names, or else the one that it was fetched from.
fn parse(bytes: &[u8], name: &str, fetched: Option<&Url>) -> Result<Source, ImportError> {
    let begin = String::from_utf8_lossy(bytes.get(..512).unwrap_or(bytes));
    let is_json = begin
        .trim_start_matches('\u{FEFF}')
        .trim_start()
        .starts_with('{');
    let (site, items) = if is_json {
        json::read(bytes, name)?
    } else if let Ok(feed) = atom_syndication::Feed::read_from(bytes) {
        let link = link_of(feed.links());
        let items = feed.entries.into_iter().map(atom_item).collect();
        (link, items)
    } else {
        match rss::Channel::read_from(bytes) {
            Ok(channel) => {
                let items = channel.items.into_iter().map(rss_item).collect();
                (Some(channel.link), items)
            }
            Err(error) => {
                return Err(ImportError::mistake(format!(
                    "{name} is neither RSS, Atom nor a JSON Feed ({error}): name the address of a feed or its file"
                )));
            }
        }
    };
    let items: Vec<Result<Entry, String>> = items;
    let base = site
        .and_then(|site| match fetched {
            Some(fetched) => fetched.join(&site).ok(),
            None => Url::parse(&site).ok(),
        })
        .or_else(|| fetched.and_then(|url| url.join("/").ok()));
    let total = items.len() as u64;
    let file = name.to_owned();
    let items = items
        .into_iter()
        .enumerate()
        .flat_map(move |(index, item)| {
            let place = |title: &str| Place {
                file: file.clone(),
                line: 0,
                item: format!("entry {} ({title})", index + 1),
            };
            let (article, files) = match item {
                Ok(entry) => entry,
                Err(value) => {
                    let broken: Read = Err(Located {
                        place: place("unnamed"),
                        value,
                    });
                    return vec![broken];
                }
            };
            let place = place(&article.title);
            let mut reads: Vec<Read> = Vec::new();
            for file in files_beside(&article, files) {
                let message = format!("its attached file {file} is not taken in");
                reads.push(Ok(Located {
                    place: place.clone(),
                    value: Item::Notice(message),
                }));
            }
            reads.push(Ok(Located {
                place,
                value: Item::Article(Box::new(article)),
            }));
            reads
        });
    let source = Source::new(format!("feed:{name}"), items);
    let source = match base {
        Some(base) => source.at(base),
        None => source,
    };
    Ok(Source {
        total: Some(total),
        ..source
    })
}

/// An article, and the addresses of the files that are attached to it.
type Entry = (ImportedArticle, Vec<String>);

/// The address of the site, and the articles.
type Parsed = (Option<String>, Vec<Result<Entry, String>>);

/// Returns the attached files that the article does not show.
fn files_beside(article: &ImportedArticle, files: Vec<String>) -> Vec<String> {
    let (Body::Html(text) | Body::Markdown(text)) = &article.body;
    let is_shown =
        |file: &String| text.contains(file.as_str()) || article.image.as_ref() == Some(file);
    files.into_iter().filter(|file| !is_shown(file)).collect()
}

fn article(key: Option<String>, link: Option<String>) -> Result<ImportedArticle, String> {
    let key = key.or_else(|| link.clone()).filter(|key| !key.is_empty());
    let slug = link.as_deref().and_then(slug_of).unwrap_or_default();
    Ok(ImportedArticle {
        key: key.ok_or("nothing identifies it: it has neither an id nor a link")?,
        slug,
        former_paths: link.into_iter().collect(),
        ..ImportedArticle::default()
    })
}

/// Returns the last part of an address, which most sites make of the title.
fn slug_of(link: &str) -> Option<String> {
    let url = Url::parse(link).ok()?;
    let last = url.path_segments()?.rfind(|part| !part.is_empty())?;
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    (!stem.bytes().all(|byte| byte.is_ascii_digit())).then(|| stem.to_owned())
}

fn text_of(html: &str) -> String {
    match html.contains(['<', '&']) {
        true => Html::from_own(html).to_text(),
        false => html.to_owned(),
    }
}

fn rss_item(item: rss::Item) -> Result<Entry, String> {
    let files = item.enclosure.map(|enclosure| enclosure.url);
    let key = item.guid.map(|guid| guid.value);
    let creator = item
        .dublin_core_ext
        .and_then(|core| core.creators.into_iter().next());
    let body = item.content.or(item.description).unwrap_or_default();
    let date = item.pub_date.as_deref();
    let article = ImportedArticle {
        title: text_of(&item.title.unwrap_or_default()),
        body: Body::Html(body),
        author: creator.or(item.author),
        tags: item
            .categories
            .into_iter()
            .map(|category| category.name)
            .collect(),
        published_at: date
            .and_then(|date| DateTime::parse_from_rfc2822(date.trim()).ok())
            .map(|date| date.timestamp_millis()),
        ..article(key, item.link)?
    };
    Ok((article, files.into_iter().collect()))
}

fn atom_item(entry: atom_syndication::Entry) -> Result<Entry, String> {
    let link = link_of(entry.links());
    let files = entry
        .links()
        .iter()
        .filter(|link| link.rel == "enclosure")
        .map(|link| link.href.clone())
        .collect();
    let plain = |text: &Text| match text.r#type {
        atom_syndication::TextType::Text => text.value.clone(),
        _ => text_of(&text.value),
    };
    let title = plain(entry.title());
    let content = entry.content.as_ref();
    let body = match content.and_then(|content| content.value.clone()) {
        Some(value) if content.and_then(|it| it.content_type.as_deref()) == Some("text") => {
            Body::Markdown(markdown::escape_text(&value))
        }
        Some(value) => Body::Html(value),
        None => Body::Html(
            entry
                .summary()
                .map(|text| text.value.clone())
                .unwrap_or_default(),
        ),
    };
    let article = ImportedArticle {
        title,
        summary: content.and(entry.summary()).map(plain),
        body,
        author: entry.authors().first().map(|author| author.name.clone()),
        tags: entry
            .categories()
            .iter()
            .map(|category| {
                category
                    .label
                    .clone()
                    .unwrap_or_else(|| category.term.clone())
            })
            .collect(),
        published_at: Some(entry.published.unwrap_or(entry.updated).timestamp_millis()),
        updated_at: Some(entry.updated.timestamp_millis()),
        ..article(Some(entry.id), link)?
    };
    Ok((article, files))
}

fn link_of(links: &[atom_syndication::Link]) -> Option<String> {
    let alternate = links.iter().find(|link| link.rel == "alternate");
    alternate.map(|link| link.href.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn articles(feed: &str) -> (Option<String>, Vec<ImportedArticle>) {
        let source = parse(feed.as_bytes(), "feed.xml", None).unwrap();
        let base = source.base.map(|base| base.to_string());
        let articles = source.items.filter_map(|item| match item.unwrap().value {
            Item::Article(article) => Some(*article),
            Item::Notice(message) => {
                assert_eq!(
                    message,
                    "its attached file https://old.example/a.pdf is not taken in"
                );
                None
            }
            other => panic!("{other:?}"),
        });
        (base, articles.collect())
    }

    #[test]
    fn all_kinds_of_feeds_yield_articles() {
        let rss = "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
            xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>T</title><link>https://old.example/</link>\
            <description>D</description><item><title>A &amp;amp; B</title><link>https://old.example/2010/a-b.html</link>\
            <guid isPermaLink=\"false\">tag:1</guid><dc:creator>ada</dc:creator><category>x</category>\
            <pubDate>Sat, 07 Aug 2010 12:00:00 +0000</pubDate>\
            <enclosure url=\"https://old.example/a.pdf\" length=\"9\" type=\"application/pdf\"/><description>Short</description>\
            <content:encoded><![CDATA[<p>Long</p>]]></content:encoded></item></channel></rss>";
        let atom = "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><title>T</title><id>f</id>\
            <updated>2010-08-07T12:00:00Z</updated><link rel=\"alternate\" href=\"https://old.example/\"/>\
            <entry><id>tag:1</id><title type=\"html\">A &amp;amp; B</title><updated>2010-08-07T12:00:00Z</updated>\
            <author><name>ada</name></author><category term=\"x\"/><link rel=\"alternate\" href=\"https://old.example/2010/a-b.html\"/>\
            <content type=\"html\">&lt;p&gt;Long&lt;/p&gt;</content></entry></feed>";
        let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","home_page_url":"https://old.example/",
            "items":[{"id":"tag:1","url":"https://old.example/2010/a-b.html","title":"A & B","content_html":"<p>Long</p>",
            "date_published":"2010-08-07T12:00:00Z","tags":["x"],"authors":[{"name":"ada"}],
            "attachments":[{"url":"https://old.example/a.pdf","mime_type":"application/pdf"},null]}]}"#;
        for feed in [rss, atom, json] {
            let (base, articles) = articles(feed);
            assert_eq!(base.as_deref(), Some("https://old.example/"), "{feed}");
            let [article] = articles.as_slice() else {
                panic!("{feed}");
            };
            assert_eq!(article.key, "tag:1");
            assert_eq!(article.title, "A & B");
            assert_eq!(article.slug, "a-b");
            assert_eq!(article.body, Body::Html("<p>Long</p>".to_owned()));
            assert_eq!(article.author.as_deref(), Some("ada"));
            assert_eq!(article.tags, ["x"]);
            assert_eq!(article.published_at, Some(1_281_182_400_000));
            assert_eq!(article.former_paths, ["https://old.example/2010/a-b.html"]);
        }
    }

    #[test]
    fn what_is_no_feed_is_refused_with_a_sentence() {
        for text in [
            "<html><body>x</body></html>",
            "{\"a\":1}",
            "",
            "PK\u{3}\u{4}",
        ] {
            assert!(parse(text.as_bytes(), "x", None).is_err(), "{text}");
        }
    }
}
