//! Descriptions of pages in the vocabulary of schema.org, for search engines.

use crate::content::html::JsonLd;
use crate::web::views::{
    Article, Author, CommentState, Discussion, Image, Link, Profile, Site, Thread,
};
use serde_json::{Value, json};

/// The maximum number of comments in a description.
const COMMENTS: usize = 20;
/// The maximum length of their texts, in characters.
const TEXT: usize = 300;

/// Describes an article with its comments. Nothing behind a content warning is in it.
pub(in crate::web::views) fn article(
    site: &Site,
    article: &Article,
    discussion: &Discussion,
) -> JsonLd {
    let permalink = article.permalink.as_str();
    let picture = article.preview.as_ref();
    let picture = picture.filter(|_| article.content_warning.is_none());
    let mut comments = Vec::new();
    collect(site, &discussion.threads, &mut comments);
    let tags: Vec<&str> = article.tags.iter().map(|tag| tag.name.as_str()).collect();
    let updated = article.updated.unwrap_or(article.published);
    let count = |action: &str, count: u64| {
        json!({
            "@type": "InteractionCounter",
            "interactionType": {"@type": action},
            "userInteractionCount": count,
        })
    };
    JsonLd::new(&without_absent(json!({
        "@context": "https://schema.org",
        "@type": site.article_type,
        "@id": permalink,
        "url": permalink,
        "mainEntityOfPage": permalink,
        "headline": article.title,
        "description": article.content_warning.as_ref().unwrap_or(&article.excerpt),
        "inLanguage": article.language,
        "datePublished": article.published.rfc3339(),
        "dateModified": updated.rfc3339(),
        "author": author(site, &article.author),
        "publisher": publisher(site),
        "image": image(picture.unwrap_or(&article.card)),
        "keywords": (!tags.is_empty()).then_some(tags),
        "isAccessibleForFree": true,
        "commentCount": discussion.total,
        "interactionStatistic": [
            count("LikeAction", article.reactions.likes),
            count("ShareAction", article.reactions.boosts),
            count("CommentAction", discussion.total),
        ],
        "comment": (!comments.is_empty()).then_some(comments),
    })))
}

/// Describes the site, with its search if it has one.
pub(in crate::web::views) fn website(site: &Site) -> JsonLd {
    let home = site.home.as_str();
    let search = json!({
        "@type": "SearchAction",
        "target": {
            "@type": "EntryPoint",
            "urlTemplate": format!("{home}search?q={{search_term_string}}"),
        },
        "query-input": "required name=search_term_string",
    });
    JsonLd::new(&without_absent(json!({
        "@context": "https://schema.org",
        "@type": "WebSite",
        "@id": home,
        "url": home,
        "name": site.name,
        "description": some(&site.description),
        "inLanguage": site.language,
        "publisher": publisher(site),
        "potentialAction": (!site.is_static).then_some(search),
    })))
}

/// Describes an author.
pub(in crate::web::views) fn profile(site: &Site, profile: &Profile) -> JsonLd {
    let mut person = author(site, &profile.author);
    if let Some(description) = some(&profile.bio_text) {
        person["description"] = description.into();
    }
    JsonLd::new(&json!({
        "@context": "https://schema.org",
        "@type": "ProfilePage",
        "@id": profile.permalink.as_str(),
        "url": profile.permalink.as_str(),
        "inLanguage": site.language,
        "mainEntity": person,
        "isPartOf": {"@type": "WebSite", "@id": site.home.as_str(), "name": site.name},
    }))
}

/// Adds the visible comments of threads, in their order.
fn collect(site: &Site, threads: &[Thread], comments: &mut Vec<Value>) {
    for thread in threads {
        if comments.len() == COMMENTS {
            return;
        }
        if let CommentState::Visible(body) = &thread.comment.state {
            let text = match &body.content_warning {
                Some(warning) => warning.to_text(),
                None => body.content.excerpt(TEXT),
            };
            let permalink = absolute(site, &thread.comment.permalink);
            comments.push(without_absent(json!({
                "@type": "Comment",
                "@id": permalink,
                "url": permalink,
                "author": author(site, &body.author),
                "datePublished": body.published.rfc3339(),
                "dateModified": body.edited.map(|edited| edited.rfc3339()),
                "inLanguage": body.language,
                "text": text,
            })));
        }
        collect(site, &thread.replies, comments);
    }
}

fn author(site: &Site, author: &Author) -> Value {
    let url = author.url.as_ref().map(|url| absolute(site, url));
    if url.as_deref() == Some(site.home.as_str()) || (url.is_none() && author.name == site.name) {
        return publisher(site);
    }
    let picture = author.avatar.picture.as_ref();
    without_absent(json!({
        "@type": "Person",
        "name": author.name,
        "url": url,
        "image": picture.map(|picture| absolute(site, picture)),
    }))
}

fn publisher(site: &Site) -> Value {
    json!({
        "@type": "Organization",
        "name": site.name,
        "url": site.home.as_str(),
        "logo": {
            "@type": "ImageObject",
            "url": format!("{}icon-512.png", site.home),
            "width": 512,
            "height": 512,
        },
    })
}

fn image(image: &Image) -> Value {
    without_absent(json!({
        "@type": "ImageObject",
        "url": image.url.as_str(),
        "width": image.size.map(|(width, _)| width),
        "height": image.size.map(|(_, height)| height),
        "caption": some(&image.alt),
    }))
}

/// Returns the absolute form of a link, whose path begins with a slash if it is on this site.
fn absolute(site: &Site, link: &Link) -> String {
    match link.as_str().strip_prefix('/') {
        Some(path) => format!("{}{path}", site.home),
        None => link.to_string(),
    }
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// Removes absent members of an object.
fn without_absent(mut value: Value) -> Value {
    if let Some(object) = value.as_object_mut() {
        object.retain(|_, member| !member.is_null());
    }
    value
}
