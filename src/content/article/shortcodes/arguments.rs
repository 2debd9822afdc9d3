//! Arguments of shortcodes: `name="value"`, `name=value` and values alone, separated by blanks or commas.

/// The arguments of a shortcode, in their order. A value alone has no name.
#[derive(Debug, Default)]
pub(super) struct Arguments(Vec<(Option<String>, String)>);

impl Arguments {
    /// Reads arguments.
    pub(super) fn of(text: &str) -> Arguments {
        let mut arguments = Vec::new();
        let mut rest = text.trim_start_matches(is_between);
        while !rest.is_empty() {
            let (word, after) = value(rest);
            let named = after.trim_start();
            match named.strip_prefix(['=', ':']) {
                Some(after_sign) if !word.is_empty() => {
                    let (argument, after) = value(after_sign.trim_start());
                    arguments.push((Some(word.to_lowercase()), argument));
                    rest = after;
                }
                _ if word.is_empty() && after.len() == rest.len() => {
                    // A sign that begins nothing.
                    let mut characters = rest.chars();
                    characters.next();
                    rest = characters.as_str();
                }
                _ => {
                    arguments.push((None, word));
                    rest = after;
                }
            }
            rest = rest.trim_start_matches(is_between);
        }
        Arguments(arguments)
    }

    /// Returns the first value with one of these names that is not empty.
    pub(super) fn get(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|wanted| {
            let found = self
                .0
                .iter()
                .find(|(name, _)| name.as_deref() == Some(*wanted));
            found
                .map(|(_, value)| value.clone())
                .filter(|value| !value.is_empty())
        })
    }

    /// Returns the first value without a name.
    pub(super) fn first(&self) -> Option<String> {
        let found = self.0.iter().find(|(name, _)| name.is_none());
        found.map(|(_, value)| value.clone())
    }
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || c == ','
}

/// Reads a quoted value or a word. Returns it with the rest.
fn value(text: &str) -> (String, &str) {
    for quote in ['"', '\'', '`'] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return match quoted.find(quote) {
                Some(end) => (quoted[..end].to_owned(), &quoted[end + 1..]),
                None => (quoted.to_owned(), ""),
            };
        }
    }
    let end = text
        .find(|c: char| is_between(c) || c == '=')
        .unwrap_or(text.len());
    (text[..end].to_owned(), &text[end..])
}
