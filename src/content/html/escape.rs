//! Escapes values in HTML.

/// Escapes a text for an element or an attribute in any quotes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\'' => escaped.push_str("&#39;"),
            c => push_escaped(&mut escaped, c),
        }
    }
    escaped
}

/// Appends ` name="value"`.
pub(super) fn push_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for c in value.chars() {
        push_escaped(out, c);
    }
    out.push('"');
}

/// Appends a text.
pub(super) fn push_text(out: &mut String, text: &str) {
    for c in text.chars() {
        push_escaped(out, c);
    }
}

/// Appends a text for an element. Quotation marks stay as they are.
pub(super) fn push_content(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '"' => out.push(c),
            c => push_escaped(out, c),
        }
    }
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        c => out.push(c),
    }
}
