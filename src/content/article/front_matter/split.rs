//! Where front matter ends and the text begins.

use super::{FrontMatterError, MAX_BYTES, raw::Format};

/// A file divided into its front matter, which may be empty, and its text.
#[derive(Debug)]
pub(in crate::content::article) struct Parts<'a> {
    pub(super) format: Format,
    pub(in crate::content::article) front_matter: &'a str,
    pub(in crate::content::article) text: &'a str,
}

impl Parts<'_> {
    pub(in crate::content::article) fn is_yaml(&self) -> bool {
        self.format == Format::Yaml
    }
}

/// Splits a file: front matter in YAML between lines `---`, in TOML between lines `+++`, or a JSON object. The file's
/// lines must end in `\n`.
pub(in crate::content::article) fn split(file_text: &str) -> Result<Parts<'_>, FrontMatterError> {
    let first = file_text.lines().next().unwrap_or_default().trim_end();
    let parts = match first {
        "---" => between(file_text, "---", Format::Yaml)?,
        "+++" => between(file_text, "+++", Format::Toml)?,
        _ if begins_with_json(file_text) => json(file_text)?,
        _ => Parts {
            format: Format::Yaml,
            front_matter: "",
            text: file_text,
        },
    };
    if parts.front_matter.len() > MAX_BYTES {
        return Err(FrontMatterError::FrontMatterTooLong {
            bytes: parts.front_matter.len(),
        });
    }
    Ok(parts)
}

fn between<'a>(
    file_text: &'a str,
    fence: &'static str,
    format: Format,
) -> Result<Parts<'a>, FrontMatterError> {
    let mut lines = file_text.split_inclusive('\n');
    let start = lines.next().map_or(0, str::len);
    let mut end = start;
    for line in lines {
        if line.trim_end() == fence {
            return Ok(Parts {
                format,
                front_matter: &file_text[start..end],
                text: &file_text[end + line.len()..],
            });
        }
        end += line.len();
    }
    Err(FrontMatterError::NotClosed { fence })
}

/// Returns whether a file begins with a JSON object. A text can begin with a brace, too, such as `{{< figure >}}`.
fn begins_with_json(file_text: &str) -> bool {
    let after = file_text.strip_prefix('{').map(str::trim_start);
    after.is_some_and(|after| after.starts_with(['"', '}']))
}

fn json(file_text: &str) -> Result<Parts<'_>, FrontMatterError> {
    let mut values =
        serde_json::Deserializer::from_str(file_text).into_iter::<&serde_json::value::RawValue>();
    let end = match values.next() {
        Some(Ok(value)) => value.get().len(),
        Some(Err(error)) => {
            let message = error.to_string();
            let reason = message.split(" at line ").next().unwrap_or(&message);
            return Err(FrontMatterError::Syntax {
                format: "JSON",
                line: error.line(),
                reason: reason.to_owned(),
            });
        }
        None => 0,
    };
    let (front_matter, text) = file_text.split_at(end);
    Ok(Parts {
        format: Format::Json,
        front_matter,
        text: text.strip_prefix('\n').unwrap_or(text),
    })
}
