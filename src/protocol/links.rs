//! Reads links to files and pages, in `url`, `icon`, `image` and `attachment`: a string, a `Link` with `href`, an object
//! with `url` (which can be any of these again), or a list of them.

use super::lenient;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use url::Url;

/// A linked file or page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resource {
    /// `Image`, `Document`, `Link`, ...; empty for a bare URL.
    pub kind: String,
    /// A media type like `image/png`, in lower case; may be empty.
    pub media_type: String,
    pub url: String,
    /// The title or description.
    pub name: String,
}

impl Resource {
    /// Returns the first entry of a value that has a URL.
    pub fn first(value: &Value) -> Option<Resource> {
        match value {
            Value::Array(list) => entries(list).find_map(Resource::first),
            Value::Object(object) => Resource::of(object),
            text => Some(Resource {
                url: http_url(text)?,
                ..Resource::default()
            }),
        }
    }

    /// Returns all entries of a value that have URLs.
    pub fn all(value: &Value) -> Vec<Resource> {
        match value {
            Value::Array(list) => entries(list).filter_map(Resource::first).collect(),
            one => Resource::first(one).into_iter().collect(),
        }
    }

    fn of(object: &Map<String, Value>) -> Option<Resource> {
        let mut found = ["href", "url"]
            .iter()
            .find_map(|key| Resource::first(object.get(*key)?))?;
        let text = |name: &str| object.get(name).and_then(lenient::text_of);
        found.kind = text("type").unwrap_or_default();
        if let Some(media_type) = text("mediaType") {
            found.media_type = media_type.trim().to_ascii_lowercase();
        }
        if let Some(name) = name_of(object) {
            found.name = name;
        }
        Some(found)
    }
}

fn entries(list: &[Value]) -> impl Iterator<Item = &Value> {
    list.iter().take(lenient::MAX_ENTRIES)
}

/// Returns the `name` of an object, or else the first text of its `nameMap`, or else its summary.
pub(super) fn name_of(object: &Map<String, Value>) -> Option<String> {
    let texts = |key: &str| object.get(key).map(lenient::texts_of).unwrap_or_default();
    let mapped = |key: &str| object.get(key).map(lenient::map_of).unwrap_or_default();
    let names = [
        texts("name"),
        mapped("nameMap"),
        texts("summary"),
        mapped("summaryMap"),
    ]
    .concat();
    lenient::first_non_blank(&names).map(str::to_owned)
}

/// Returns a string that is an absolute http(s) URL.
fn http_url(text: &Value) -> Option<String> {
    let address = lenient::id_of(text.as_str().map(|_| text)?)?;
    let address = address.trim();
    let url = Url::parse(address).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| address.to_owned())
}

/// Deserializes the URL of an object's page.
pub(super) fn page_url<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Ok(page_url_of(&Value::deserialize(deserializer)?))
}

/// Returns the URL of an object's page: the first one with the media type `text/html`, or else the first one.
fn page_url_of(value: &Value) -> Option<String> {
    let all = Resource::all(value);
    let page = all.iter().position(|it| it.media_type == "text/html");
    all.into_iter().nth(page.unwrap_or(0)).map(|it| it.url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_url_is_found_in_every_shape() {
        let address = "https://a.example/1.png";
        for value in [
            json!(address),
            json!([address]),
            json!([null, "", 7, {}, address, "https://a.example/2.png"]),
            json!({"type": "Image", "url": address}),
            json!({"type": "Link", "href": address}),
            json!({"href": address}),
            json!({"type": "Image", "url": {"type": "Link", "href": address}}),
            json!({"type": "Image", "url": [null, {"type": "Link", "href": address}]}),
            json!([{"type": "Image", "url": null}, {"type": "Image", "url": address}]),
            json!([{"type": "Image"}, [[{"type": "Image", "url": address}]]]),
            json!([{"type": "Image", "url": "data:image/png;base64,x"}, {"url": address}]),
            json!({"type": "Image", "href": null, "url": format!(" {address} ")}),
        ] {
            let found = Resource::first(&value).unwrap_or_else(|| panic!("nothing in {value}"));
            assert_eq!(found.url, address, "{value}");
        }
        for value in [
            json!(null),
            json!([]),
            json!({}),
            json!("x.png"),
            json!("//a.example/x"),
            json!("javascript:alert(1)"),
            json!({"type": "Image", "id": address}),
            json!({"url": {"url": {"url": []}}}),
        ] {
            assert_eq!(Resource::first(&value), None, "{value}");
        }
    }

    #[test]
    fn the_innermost_media_type_and_the_outermost_name_count() {
        let found = Resource::first(&json!({
            "type": "Document", "nameMap": {"en": "A cat"}, "name": " ",
            "url": [{"type": "Link", "href": "https://a.example/1", "mediaType": "Image/PNG", "name": "file"}]
        }));
        let expected = Resource {
            kind: "Document".into(),
            media_type: "image/png".into(),
            url: "https://a.example/1".into(),
            name: "A cat".into(),
        };
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn the_page_is_the_html_document() {
        let film = json!({"type": "Link", "href": "https://a.example/f", "mediaType": "video/mp4"});
        let html = json!({"type": "Link", "href": "https://a.example/p", "mediaType": "text/html"});
        let url = page_url_of(&json!([null, film, html]));
        assert_eq!(url.as_deref(), Some("https://a.example/p"));
        assert_eq!(page_url_of(&film).as_deref(), Some("https://a.example/f"));
        assert_eq!(page_url_of(&json!([])), None);
    }
}
