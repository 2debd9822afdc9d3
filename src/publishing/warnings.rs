//! Warnings to authors about texts that readers will not see as written.

use crate::content::markdown::ForbiddenTag;

/// Describes an HTML tag that pages leave out, and what happens to its content.
pub(crate) fn lost_tag(tag: &ForbiddenTag) -> String {
    let name = &tag.name;
    if tag.removes_content {
        format!("<{name}> and its content are removed")
    } else {
        format!(
            "the tag <{name}> is removed, its text is kept; to show the tag itself, write `<{name}>`"
        )
    }
}

/// Returns a sentence if other servers get only the beginning of a text.
pub(crate) fn truncation(what: &str, text: Option<&str>, max: usize) -> Option<String> {
    let length = text?.chars().count();
    (length > max).then(|| {
        format!(
            "the {what} has {length} characters: other servers get the first {max}, since some keep no more; \
             the page shows all of it"
        )
    })
}
