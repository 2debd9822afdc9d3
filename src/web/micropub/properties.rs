//! The properties of a post as Micropub has them: names with lists of values, from forms and from JSON.

use crate::web::api::problem::{ApiError, Code};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The largest number of values in one request.
const MAX_VALUES: usize = 500;

/// Properties of a post.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Properties(pub(super) BTreeMap<String, Vec<Value>>);

/// A picture or recording that a post shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) url: String,
    pub(super) alt: Option<String>,
}

/// What a client wants.
#[derive(Debug, PartialEq)]
pub(super) enum Action {
    Create(Properties),
    Update {
        url: String,
        replace: Properties,
        add: Properties,
        delete: Deletion,
    },
    Delete(String),
    Undelete(String),
}

/// What an update removes: whole properties, or values of them.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Deletion {
    pub(super) whole: Vec<String>,
    pub(super) values: Properties,
}

/// Returns the error for a request that can't be understood.
pub(super) fn invalid(detail: impl Into<String>) -> ApiError {
    ApiError::new(Code::BadRequest, detail)
}

impl Properties {
    /// Adds a value of a form: `category[]` is a property of several values.
    pub(super) fn push(&mut self, name: &str, value: impl Into<Value>) {
        let name = name.split('[').next().unwrap_or(name);
        self.0
            .entry(name.to_owned())
            .or_default()
            .push(value.into());
    }

    /// Removes a property. Returns its first text.
    pub(super) fn take_text(&mut self, name: &str) -> Option<String> {
        let values = self.0.remove(name)?;
        values.iter().find_map(Value::as_str).map(str::to_owned)
    }

    /// Returns the first text of a property; `None` if it is blank.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let values = self.0.get(name)?;
        let text = values.iter().find_map(Value::as_str)?;
        Some(text.trim()).filter(|text| !text.is_empty())
    }

    /// Returns all texts of a property.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let values = self.0.get(name).into_iter().flatten();
        let texts = values.filter_map(Value::as_str).map(str::trim);
        texts
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Returns the text of the post in Markdown. HTML is Markdown too.
    pub(super) fn content(&self) -> Option<String> {
        let values = self.0.get("content")?;
        let text = values.iter().find_map(|value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Object(fields) => ["markdown", "html", "value", "text"]
                .iter()
                .find_map(|name| fields.get(*name)?.as_str().map(str::to_owned)),
            _ => None,
        })?;
        Some(text)
    }

    /// Returns the pictures, audio or video files of a property. Descriptions are part of a value, or in a property
    /// of their own, in the same order.
    pub(super) fn shown(&self, name: &str) -> Vec<Shown> {
        let alts = self.texts(&format!("mp-{name}-alt"));
        let values = self.0.get(name).into_iter().flatten();
        let urls = values.filter_map(|value| match value {
            Value::String(url) => Some((url.clone(), None)),
            Value::Object(fields) => {
                let text = |name: &str| fields.get(name)?.as_str().map(str::to_owned);
                Some((text("value").or_else(|| text("url"))?, text("alt")))
            }
            _ => None,
        });
        urls.enumerate()
            .filter(|(_, (url, _))| !url.trim().is_empty())
            .map(|(index, (url, alt))| Shown {
                url: url.trim().to_owned(),
                alt: alt
                    .or_else(|| alts.get(index).cloned())
                    .filter(|alt| !alt.trim().is_empty()),
            })
            .collect()
    }

    /// Reads the properties of JSON: an object of lists.
    fn of_json(value: Option<&Value>) -> Result<Properties, ApiError> {
        let Some(value) = value else {
            return Ok(Properties::default());
        };
        let fields = value
            .as_object()
            .ok_or_else(|| invalid("properties are an object"))?;
        let mut properties = Properties::default();
        let mut count = 0;
        for (name, values) in fields {
            let Value::Array(values) = values else {
                return Err(invalid(format!("the values of {name} must be a list")));
            };
            count += values.len();
            properties.0.insert(name.clone(), values.clone());
        }
        if count > MAX_VALUES {
            return Err(invalid("too many values"));
        }
        Ok(properties)
    }

    /// Returns the properties as JSON; only those named, if there are any names.
    pub(super) fn to_json(&self, names: &[String]) -> Value {
        let wanted = |name: &&String| names.is_empty() || names.contains(name);
        let fields = self.0.iter().filter(|(name, _)| wanted(name));
        let fields: Map<String, Value> = fields
            .map(|(name, values)| (name.clone(), json!(values)))
            .collect();
        Value::Object(fields)
    }

    /// Applies an update.
    pub(super) fn apply(&mut self, replace: Properties, add: Properties, delete: &Deletion) {
        self.0.extend(replace.0);
        for (name, values) in add.0 {
            self.0.entry(name).or_default().extend(values);
        }
        for name in &delete.whole {
            self.0.remove(name);
        }
        for (name, values) in &delete.values.0 {
            if let Some(known) = self.0.get_mut(name) {
                known.retain(|value| !values.contains(value));
            }
        }
    }
}

impl Action {
    /// Reads a form.
    ///
    /// # Errors
    /// If it has no entry and no action, or an unknown one.
    pub(super) fn of_form(mut properties: Properties) -> Result<Action, ApiError> {
        if properties.0.values().map(Vec::len).sum::<usize>() > MAX_VALUES {
            return Err(invalid("too many values"));
        }
        let action = properties.take_text("action");
        let kind = properties.take_text("h");
        match action.as_deref() {
            None | Some("create") => {
                check_kind(kind.as_deref().unwrap_or("entry"))?;
                Ok(Action::Create(properties))
            }
            Some("delete") => Ok(Action::Delete(url_of(properties.take_text("url"))?)),
            Some("undelete") => Ok(Action::Undelete(url_of(properties.take_text("url"))?)),
            Some("update") => Err(invalid("send an update as JSON")),
            Some(other) => Err(invalid(format!("there is no action {other:?}"))),
        }
    }

    /// Reads JSON.
    ///
    /// # Errors
    /// If it is no action, or its values are not in lists.
    pub(super) fn of_json(body: &[u8]) -> Result<Action, ApiError> {
        let body: Value = serde_json::from_slice(body)
            .map_err(|error| invalid(format!("the body is no JSON: {error}")))?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        match text("action").as_deref() {
            None | Some("create") => {
                let kind = body.get("type").and_then(|kind| match kind {
                    Value::Array(kinds) => kinds.first()?.as_str(),
                    other => other.as_str(),
                });
                let kind = kind.ok_or_else(|| invalid("type is missing: it is [\"h-entry\"]"))?;
                check_kind(kind.strip_prefix("h-").unwrap_or(kind))?;
                let mut properties = body.get("properties").cloned();
                // Some clients send a text where a list is due.
                if let Some(Value::Object(fields)) = &mut properties {
                    for value in fields.values_mut().filter(|value| !value.is_array()) {
                        *value = json!([value]);
                    }
                }
                Ok(Action::Create(Properties::of_json(properties.as_ref())?))
            }
            Some("update") => {
                let delete = match body.get("delete") {
                    Some(Value::Array(names)) => Deletion {
                        whole: names
                            .iter()
                            .map(|name| {
                                let name = name.as_str().map(str::to_owned);
                                name.ok_or_else(|| invalid("delete lists names of properties"))
                            })
                            .collect::<Result<_, _>>()?,
                        values: Properties::default(),
                    },
                    other => Deletion {
                        whole: Vec::new(),
                        values: Properties::of_json(other)?,
                    },
                };
                let (replace, add) = (body.get("replace"), body.get("add"));
                if replace.or(add).or(body.get("delete")).is_none() {
                    return Err(invalid("an update has replace, add or delete"));
                }
                Ok(Action::Update {
                    url: url_of(text("url"))?,
                    replace: Properties::of_json(replace)?,
                    add: Properties::of_json(add)?,
                    delete,
                })
            }
            Some("delete") => Ok(Action::Delete(url_of(text("url"))?)),
            Some("undelete") => Ok(Action::Undelete(url_of(text("url"))?)),
            Some(other) => Err(invalid(format!("there is no action {other:?}"))),
        }
    }
}

fn check_kind(kind: &str) -> Result<(), ApiError> {
    match kind {
        "entry" => Ok(()),
        other => Err(invalid(format!(
            "this site has entries only, and no h-{other}"
        ))),
    }
}

fn url_of(url: Option<String>) -> Result<String, ApiError> {
    url.filter(|url| !url.is_empty())
        .ok_or_else(|| invalid("url is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_json_are_read_alike() {
        let mut form = Properties::default();
        for (name, value) in [
            ("h", "entry"),
            ("content", "Hello"),
            ("category[]", "a"),
            ("category[]", "b"),
            ("photo", "/media/x.jpg"),
            ("mp-photo-alt[]", "An x"),
        ] {
            form.push(name, value);
        }
        let Action::Create(post) = Action::of_form(form).unwrap() else {
            panic!("a form creates")
        };
        assert_eq!(post.content().as_deref(), Some("Hello"));
        assert_eq!(post.texts("category"), ["a", "b"]);
        let body = json!({"type": ["h-entry"], "properties": {"content": [{"html": "<b>Hi</b>"}],
            "photo": [{"value": "/media/x.jpg", "alt": "An x"}]}});
        let Action::Create(other) = Action::of_json(body.to_string().as_bytes()).unwrap() else {
            panic!("JSON without an action creates")
        };
        assert_eq!(other.content().as_deref(), Some("<b>Hi</b>"));
        assert_eq!(post.shown("photo"), other.shown("photo"));
    }

    #[test]
    fn an_update_needs_lists() {
        let read = |body: Value| Action::of_json(body.to_string().as_bytes());
        let url = "https://a.example/x";
        for bad in [
            json!({"action": "update", "url": url}),
            json!({"action": "update", "url": url, "replace": "x"}),
            json!({"action": "update", "url": url, "replace": {"content": "x"}}),
            json!({"action": "update", "url": url, "delete": [7]}),
            json!({"action": "update", "replace": {"content": ["x"]}}),
            json!({"action": "destroy", "url": url}),
            json!({"type": ["h-event"], "properties": {}}),
            json!([]),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
        let good = json!({"action": "update", "url": url, "add": {"category": ["b"]},
            "replace": {"content": ["New"]}, "delete": {"category": ["a"]}});
        let Action::Update {
            replace,
            add,
            delete,
            ..
        } = read(good).unwrap()
        else {
            panic!("it is an update")
        };
        let mut post = Properties::default();
        post.push("category", "a");
        post.push("content", "Old");
        post.apply(replace, add, &delete);
        assert_eq!(post.texts("category"), ["b"]);
        assert_eq!(post.content().as_deref(), Some("New"));
    }
}
