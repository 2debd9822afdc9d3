//! A part of an export as a tree of elements.

use super::input::is_forbidden;
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

/// The maximum number of elements in a part.
const MAX_ELEMENTS: usize = 200_000;
/// The maximum depth of elements in a part.
const MAX_DEPTH: usize = 16;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    pub(super) children: Vec<Element>,
}

/// The reason why a part is not well-formed, and the line in it, from 0.
#[derive(Debug)]
pub(super) struct Malformed {
    pub(super) line: u64,
    pub(super) reason: String,
}

/// Reads a part. Its elements stand in one without a name.
pub(super) fn read(text: &str) -> Result<Element, Malformed> {
    let (element, malformed) = read_beginning(text);
    malformed.map_or(Ok(element), Err)
}

/// Reads a part until it is not well-formed. Elements without an end, such as those around all items, end with the part.
pub(super) fn read_beginning(text: &str) -> (Element, Option<Malformed>) {
    let mut open = vec![Element::default()];
    let malformed = read_into(&mut open, text).err();
    while open.len() > 1 {
        close(&mut open);
    }
    (open.pop().unwrap_or_default(), malformed)
}

/// Ends the innermost open element.
fn close(open: &mut Vec<Element>) {
    if let Some(element) = open.pop()
        && let Some(parent) = open.last_mut()
    {
        parent.children.push(element);
    }
}

fn read_into(open: &mut Vec<Element>, text: &str) -> Result<(), Malformed> {
    let mut reader = Reader::from_str(text);
    // Addresses of authors are often written as they are.
    reader.config_mut().allow_dangling_amp = true;
    let mut count = 0;
    loop {
        let malformed = |reader: &Reader<&[u8]>, reason: String| {
            let position = text
                .floor_char_boundary(usize::try_from(reader.error_position()).unwrap_or_default());
            Malformed {
                line: text[..position].matches('\n').count() as u64,
                reason,
            }
        };
        let event = reader
            .read_event()
            .map_err(|error| malformed(&reader, format!("it is not well-formed XML: {error}")))?;
        match event {
            Event::Start(tag) => {
                count += 1;
                if open.len() > MAX_DEPTH {
                    return Err(malformed(
                        &reader,
                        format!("its elements are more than {MAX_DEPTH} levels deep"),
                    ));
                }
                if count > MAX_ELEMENTS {
                    return Err(malformed(&reader, too_many()));
                }
                open.push(Element::of(&tag));
            }
            Event::Empty(tag) => {
                count += 1;
                if count > MAX_ELEMENTS {
                    return Err(malformed(&reader, too_many()));
                }
                if let Some(parent) = open.last_mut() {
                    parent.children.push(Element::of(&tag));
                }
            }
            Event::End(_) => close(open),
            Event::Text(found) => push(open, &found.xml10_content()),
            Event::CData(found) => push(open, &found.xml10_content()),
            Event::GeneralRef(reference) => {
                let referred = match reference.resolve_char_ref() {
                    Ok(Some(c)) if is_forbidden(c) => String::new(),
                    Ok(Some(c)) => c.to_string(),
                    // A reference to a character that does not exist.
                    Err(_) => String::new(),
                    Ok(None) => entity(&reference.xml10_content()),
                };
                push(open, &referred);
            }
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn too_many() -> String {
    format!("it has more than {MAX_ELEMENTS} elements")
}

fn push(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// Returns the text of a named entity. Those of HTML are in exports although XML doesn't know them; what a document
/// defines itself stays as it is written.
fn entity(name: &str) -> String {
    let name = name.trim();
    match name {
        "amp" => "&".to_owned(),
        "lt" => "<".to_owned(),
        "gt" => ">".to_owned(),
        "quot" => "\"".to_owned(),
        "apos" => "'".to_owned(),
        "nbsp" => "\u{A0}".to_owned(),
        _ => format!("&{name};"),
    }
}

impl Element {
    fn of(tag: &BytesStart<'_>) -> Element {
        let attributes = tag.attributes().flatten().map(|attribute| {
            let value = match attribute.normalized_value(XmlVersion::Implicit1_0) {
                Ok(value) => value.into_owned(),
                Err(_) => attribute.value.clone().into_owned(),
            };
            (attribute.key.0.to_owned(), value)
        });
        Element {
            name: tag.name().0.to_owned(),
            attributes: attributes.collect(),
            ..Element::default()
        }
    }

    /// Returns the elements with a name in this one.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Returns the first element with a name, at any depth.
    pub(super) fn find(&self, name: &str) -> Option<&Element> {
        self.children.iter().find_map(|child| {
            if child.name == name {
                Some(child)
            } else {
                child.find(name)
            }
        })
    }

    /// Returns the text of an element in this one, without blanks around it; empty if there is none.
    pub(super) fn text_of(&self, name: &str) -> &str {
        self.children
            .iter()
            .find(|child| child.name == name)
            .map_or("", |child| child.text.trim())
    }

    /// Returns the whole text of an element in this one.
    pub(super) fn raw_text_of(&self, name: &str) -> &str {
        self.children
            .iter()
            .find(|child| child.name == name)
            .map_or("", |child| &child.text)
    }

    pub(super) fn text(&self) -> &str {
        self.text.trim()
    }

    pub(super) fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.trim())
    }
}
