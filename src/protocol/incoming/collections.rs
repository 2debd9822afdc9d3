//! Collections of other servers: the ids of their items, and the next page.

use crate::protocol::lenient;
use serde_json::Value;

/// The items of a collection or of one of its pages.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CollectionItems {
    pub ids: Vec<String>,
    /// The address of the next page.
    pub next: Option<String>,
}

impl CollectionItems {
    /// Reads a `Collection`, an `OrderedCollection`, or a page of one, with an embedded first page.
    pub fn read(document: &Value) -> CollectionItems {
        let mut items = CollectionItems {
            ids: own_items(document),
            next: document.get("next").and_then(lenient::id_of),
        };
        match document.get("first") {
            Some(page @ Value::Object(_)) if has_items(page) => {
                items.ids.extend(own_items(page));
                items.next = page.get("next").and_then(lenient::id_of);
            }
            Some(first) => items.next = items.next.or_else(|| lenient::id_of(first)),
            None => {}
        }
        items
    }
}

/// Returns the embedded items of a collection or page that are replies: the id of each with the id of its parent.
pub(crate) fn embedded_parents(document: &Value) -> Vec<(String, String)> {
    let pages = [Some(document), document.get("first")];
    let items = pages.into_iter().flatten().flat_map(|page| {
        ["items", "orderedItems"]
            .iter()
            .filter_map(|name| page.get(name))
            .flat_map(|items| match items {
                Value::Array(items) => items.as_slice(),
                one => std::slice::from_ref(one),
            })
    });
    items
        .filter_map(|item| {
            let parent = lenient::id_of(item.get("inReplyTo")?)?;
            Some((lenient::id_of(item)?, parent))
        })
        .collect()
}

fn has_items(page: &Value) -> bool {
    ["items", "orderedItems", "next"]
        .iter()
        .any(|name| page.get(name).is_some())
}

fn own_items(document: &Value) -> Vec<String> {
    ["items", "orderedItems"]
        .iter()
        .filter_map(|name| document.get(name))
        .flat_map(lenient::ids_of)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn collections_are_read_in_every_shape() {
        let page = json!({"type": "CollectionPage", "items": ["a", {"id": "b", "type": "Note"}], "next": "n"});
        for (name, document, ids, next) in [
            (
                "a list",
                json!({"orderedItems": ["a", "b"]}),
                vec!["a", "b"],
                None,
            ),
            ("one item", json!({"items": "a"}), vec!["a"], None),
            (
                "a first page by its id",
                json!({"first": "n"}),
                vec![],
                Some("n"),
            ),
            (
                "an embedded first page",
                json!({"first": page}),
                vec!["a", "b"],
                Some("n"),
            ),
            (
                "a first page without items",
                json!({"first": {"id": "n", "type": "CollectionPage"}}),
                vec![],
                Some("n"),
            ),
            ("a page", page.clone(), vec!["a", "b"], Some("n")),
            (
                "an embedded first page that is empty",
                json!({"first": {"id": "x", "items": []}}),
                vec![],
                None,
            ),
            (
                "nonsense",
                json!({"items": {"a": 1}, "next": 7, "first": [[]]}),
                vec![],
                None,
            ),
            ("nothing", json!(null), vec![], None),
        ] {
            let next = next.map(str::to_owned);
            let ids = ids.into_iter().map(str::to_owned).collect();
            assert_eq!(
                CollectionItems::read(&document),
                CollectionItems { ids, next },
                "{name}"
            );
        }
    }

    #[test]
    fn embedded_replies_have_parents() {
        let items = json!(["a", {"id": "b", "inReplyTo": "p"}, {"id": "c"}, {"id": "d", "inReplyTo": null}]);
        let expected = vec![("b".to_owned(), "p".to_owned())];
        for document in [
            json!({"items": items}),
            json!({"first": {"orderedItems": items}}),
            json!({"orderedItems": {"id": "b", "inReplyTo": {"id": "p"}}}),
        ] {
            assert_eq!(embedded_parents(&document), expected, "{document}");
        }
    }

    #[test]
    fn collections_of_a_running_mastodon_are_read() {
        let server = "https://remote.example/ap/users";
        let replies = format!(
            "{server}/117679762995424110/statuses/117679815901608347/replies?only_other_accounts=true&page=true"
        );
        let followers = format!("{server}/117679725274403933/followers?page=1");
        for (name, document, ids, next) in [
            (
                "replies",
                include_str!("../../../tests/fixtures/captured/mastodon-4.6.5/get-replies.json"),
                0,
                Some(replies),
            ),
            (
                "followers",
                include_str!("../../../tests/fixtures/captured/mastodon-4.6.5/get-followers.json"),
                0,
                Some(followers),
            ),
            (
                "featured",
                include_str!("../../../tests/fixtures/captured/mastodon-4.6.5/get-featured.json"),
                0,
                None,
            ),
            (
                "outbox",
                include_str!(
                    "../../../tests/fixtures/captured/mastodon-4.6.5/get-outbox-page.json"
                ),
                7,
                None,
            ),
        ] {
            let items = CollectionItems::read(&serde_json::from_str(document).unwrap());
            assert_eq!((items.ids.len(), items.next), (ids, next), "{name}");
        }
    }
}
