//! Finds values that YAML silently truncates: in `title: Issue #5 is done`, the title is "Issue" and the rest a comment.

/// Keys whose values are one word or number, so that a comment after the value is certainly one.
const CHOICES: [&str; 6] = [
    "federate",
    "comments",
    "comment_days",
    "pings",
    "quotes",
    "sensitive",
];

/// Returns a warning for each value in the front matter that YAML treats as a comment, in part or as a whole. `yaml`
/// begins on line 2 of the file.
pub(super) fn warnings(yaml: &str) -> Vec<String> {
    let mut reader = Reader::default();
    let lines: Vec<&str> = yaml.lines().collect();
    let mut warnings = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let lost = reader.line(line);
        // A comment between a key and the list below it belongs to the list.
        let is_above_list = lost.is_some_and(|lost| lost.is_all)
            && lines
                .get(index + 1)
                .is_some_and(|next| continues_value(next));
        let is_choice = CHOICES.contains(&reader.key.as_str());
        if let Some(lost) = lost.filter(|_| !is_above_list && !is_choice) {
            warnings.push(format!(
                "line {}: {}: YAML treats “{}” as a comment and leaves it out; quote the value if that belongs to it",
                index + 2,
                reader.key,
                lost.text.trim_end()
            ));
        }
    }
    warnings
}

/// Returns whether a line continues the value of the key above it.
fn continues_value(line: &str) -> bool {
    let text = line.trim_start();
    !text.is_empty() && (text.len() < line.len() || text.starts_with("- "))
}

/// The part of a line that YAML drops.
#[derive(Clone, Copy)]
struct Lost<'a> {
    text: &'a str,
    /// Whether it is the whole value.
    is_all: bool,
}

/// The construct that a line is in.
#[derive(Default)]
enum Within {
    #[default]
    Nothing,
    /// A block scalar (`|` or `>`). Its lines are indented by more than this.
    Block(usize),
    /// A quoted text that continues on the next line.
    Quotes(char),
}

#[derive(Default)]
struct Reader {
    key: String,
    within: Within,
}

impl Reader {
    /// Reads the next line. Returns the part that YAML drops.
    fn line<'a>(&mut self, line: &'a str) -> Option<Lost<'a>> {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        match self.within {
            Within::Block(least) if text.is_empty() || indent > least => return None,
            Within::Quotes(quote) => {
                if end_of_quotes(text, quote).is_some() {
                    self.within = Within::Nothing;
                }
                return None;
            }
            _ => self.within = Within::Nothing,
        }
        if text.is_empty() || text.starts_with('#') {
            return None;
        }
        let value = self.value_of(text);
        match value.chars().next()? {
            '|' | '>' => self.within = Within::Block(indent),
            quote @ ('"' | '\'') => {
                if end_of_quotes(&value[1..], quote).is_none() {
                    self.within = Within::Quotes(quote);
                }
            }
            '[' | '{' => return comment_in(value).filter(|lost| !is_closed(value, lost.text)),
            _ => return comment_in(value),
        }
        None
    }

    /// Returns the value on a line, after its key and the list markers.
    fn value_of<'a>(&mut self, text: &'a str) -> &'a str {
        let text = match text.strip_prefix("- ") {
            Some(item) => item.trim_start(),
            None => text,
        };
        let Some((key, value)) = text.split_once(':') else {
            return text;
        };
        let is_key = !key.is_empty()
            && key
                .chars()
                .all(|c| c.is_alphanumeric() || "_- ".contains(c));
        let ends = value.is_empty() || value.starts_with([' ', '\t']);
        if !(is_key && ends) {
            return text;
        }
        key.clone_into(&mut self.key);
        value.trim_start()
    }
}

/// Returns the index after the closing quote of a quoted text. A doubled or escaped quote does not close it.
fn end_of_quotes(text: &str, quote: char) -> Option<usize> {
    let mut characters = text.char_indices().peekable();
    while let Some((index, c)) = characters.next() {
        let is_pair = match c {
            '\\' => quote == '"',
            c if c == quote => {
                if quote == '"' || characters.peek().is_none_or(|(_, next)| *next != quote) {
                    return Some(index + 1);
                }
                true
            }
            _ => false,
        };
        if is_pair {
            characters.next();
        }
    }
    None
}

/// Returns the comment in a plain value, which starts with a `#` at the beginning or after a blank.
fn comment_in(value: &str) -> Option<Lost<'_>> {
    let mut before = None;
    for (index, c) in value.char_indices() {
        if c == '#' && before.is_none_or(char::is_whitespace) {
            return Some(Lost {
                text: &value[index..],
                is_all: index == 0,
            });
        }
        before = Some(c);
    }
    None
}

/// Returns whether a bracketed list is complete before the comment.
fn is_closed(value: &str, comment: &str) -> bool {
    let list = value[..value.len() - comment.len()].trim_end();
    list.ends_with([']', '}'])
}

#[cfg(test)]
mod tests {
    use super::warnings;

    #[test]
    fn a_truncated_value_has_a_warning() {
        for (yaml, expected) in [
            ("title: Issue #5 is done\n", "2 title #5 is done"),
            ("slug: a\ntitle: #5 is done\n", "3 title #5 is done"),
            ("summary: one\n  two #three\n", "3 summary #three"),
            ("tags: #books #lab\n", "2 tags #books #lab"),
            ("tags:\n  - Issue #5\n  - b\n", "3 tags #5"),
            ("tags: [a, Issue #5,\n  b]\n", "2 tags #5,"),
            ("author: It's me #1\ntitle: x\n", "2 author #1"),
            ("title: a\t#b\n", "2 title #b"),
        ] {
            let found = warnings(yaml);
            assert_eq!(found.len(), 1, "{yaml}: {found:?}");
            let mut words = expected.splitn(3, ' ');
            let mut next = || words.next().unwrap();
            let start = format!("line {}: {}: YAML treats “{}”", next(), next(), next());
            assert!(found[0].starts_with(&start), "{yaml}: {found:?}");
        }
    }

    #[test]
    fn other_comments_have_none() {
        for yaml in [
            "# a comment\ntitle: C# and a#b\n  # another\n",
            "title: \"Issue #5\" # quoted\nauthor: 'It''s #1' # too\n",
            "title: \"Issue\n  #5 \\\" #6\"\nslug: x\n",
            "summary: |\n  one #two\n\n  #three\ntitle: x\n",
            "summary: >-\n  one #two\ntitle: x\n",
            "tags: [a, b] # these\n",
            "tags: # these\n  - a\n",
            "tags: # these\n- a\n",
            "image: https://a.example/#top\n",
            "federate: note   # or article\ncomment_days: 30 # so long\n",
            "",
        ] {
            assert_eq!(warnings(yaml), [""; 0], "{yaml}");
        }
    }
}
