//! Filters and functions of templates: dates, numbers and texts in the language of the variable `locale`.

use super::escape::escaped;
use crate::{
    base::time,
    content::Language,
    i18n::{Locale, direction_of},
};
use chrono_tz::Tz;
use minijinja::{
    Environment, Error, ErrorKind, State, Value,
    value::{Kwargs, ValueKind},
};

/// The beginning and the end of a place in a text where markup is inserted: noncharacters, which no text has.
const PLACE: [char; 2] = ['\u{fdd0}', '\u{fdd1}'];

/// Adds all filters and functions. Dates are in a time zone.
pub(super) fn register(environment: &mut Environment<'static>, zone: Tz) {
    environment.add_filter("date", move |state: &State, milliseconds: i64| {
        locale_of(state).date(time::from_millis(milliseconds), zone)
    });
    environment.add_filter("date_time", move |state: &State, milliseconds: i64| {
        locale_of(state).date_time(time::from_millis(milliseconds), zone)
    });
    environment.add_filter("rfc3339", time::rfc3339);
    environment.add_filter("number", number);
    environment.add_filter("pluralize", pluralize);
    environment.add_function("t", text);
    environment.add_function("lang", lang);
    environment.add_function("locale_for", locale_for);
}

/// Returns the language of the interface: that of the page or of the part that is written.
fn locale_of(state: &State) -> Locale {
    let locale = state.lookup("locale");
    locale
        .as_ref()
        .and_then(Value::as_str)
        .map_or_else(Locale::default, Locale::from_tag)
}

/// `{{ discussion.total|number }}`.
fn number(state: &State, number: i64) -> String {
    locale_of(state).number(number)
}

/// `comment{{ total|pluralize }}`: "s" unless there is exactly one.
fn pluralize(number: i64) -> &'static str {
    if number == 1 { "" } else { "s" }
}

/// `{{ t("comments-count", count=12) }}`: a text in the language of the variable `locale`, or of the argument `locale`.
/// Arguments that are markup (`{% set link %}<a ...>...</a>{% endset %}`) stay markup; all else is escaped.
fn text(state: &State, key: &str, arguments: Kwargs) -> Result<Value, Error> {
    let locale = match arguments.get::<Option<&str>>("locale")? {
        Some(tag) => Locale::from_tag(tag),
        None => locale_of(state),
    };
    let mut markup = Vec::new();
    let mut values = Vec::new();
    for name in arguments.args().filter(|name| *name != "locale") {
        let value: Value = arguments.peek(name)?;
        let value = match (value.kind(), value.as_str()) {
            (ValueKind::Number, _) => i64::try_from(value)?.into(),
            (_, Some(html)) if value.is_safe() => {
                markup.push(html.to_owned());
                format!("{}{}{}", PLACE[0], markup.len() - 1, PLACE[1]).into()
            }
            (_, Some(text)) => text.to_owned().into(),
            _ => value.to_string().into(),
        };
        values.push((name, value));
    }
    if values.is_empty() {
        return Ok(locale.text(key).into());
    }
    let text = locale.text_with(key, &values);
    if markup.is_empty() {
        return Ok(text.into());
    }
    let mut html = escaped(&text);
    for (index, inserted) in markup.iter().enumerate() {
        let place = format!("{}{index}{}", PLACE[0], PLACE[1]);
        html = html.replace(&place, inserted);
    }
    Ok(Value::from_safe_string(html))
}

/// `<section {{ lang(locale) }}>`: the attributes `lang` and `dir` for a language. Other programs can write any text as the
/// language of an article; one that is no language is that of the site.
fn lang(state: &State, tag: &str) -> Value {
    let site = state.lookup("site").unwrap_or_default();
    let site = site.get_attr("language").unwrap_or_default();
    let tag = match site.as_str() {
        Some(site) if !Language::is_well_formed(tag) => site,
        _ => tag,
    };
    let (language, direction) = (escaped(tag), direction_of(tag).as_str());
    Value::from_safe_string(format!("lang=\"{language}\" dir=\"{direction}\""))
}

/// `{% with locale = locale_for(article.language) %}`: the language of the interface for what is about a post: the post's
/// own, or that of the site if the interface is not translated into it.
fn locale_for(state: &State, language: &str) -> Result<&'static str, Error> {
    let site = state.lookup("site").unwrap_or_default();
    let site = site.get_attr("locale")?;
    let site = site
        .as_str()
        .ok_or_else(|| Error::new(ErrorKind::UndefinedError, "site.locale is missing"))?;
    let known = Locale::known(language);
    Ok(known.unwrap_or_else(|| Locale::from_tag(site)).tag())
}

#[cfg(test)]
mod tests {
    use crate::web::templates::Templates;
    use chrono_tz::Tz;
    use minijinja::{Value, context};

    fn written(locale: &str, template: &str, variables: Value) -> String {
        let templates = Templates::new(locale, Tz::Europe__Berlin);
        let written = templates.environment.render_str(template, variables);
        written.unwrap()
    }

    #[test]
    fn times_are_written_for_people_and_for_programs() {
        let template = "{{ t|date }} / {{ t|date_time }} / {{ t|rfc3339 }}";
        let time = || context! { t => 1280653509123_i64 };
        assert_eq!(
            written("en", template, time()),
            "1 August 2010 / 1 August 2010, 11:05 CEST / 2010-08-01T09:05:09Z"
        );
        assert_eq!(
            written("de-AT", template, time()),
            "1. August 2010 / 1. August 2010, 11:05 MESZ / 2010-08-01T09:05:09Z"
        );
    }

    #[test]
    fn texts_follow_the_locale_in_scope() {
        let template = "{{ 1234|number }}{% with locale = \"de\" %} {{ 1234|number }}{% endwith %}
{{- t(\"date-and-time\", date=1, time=2, locale=\"ar\") }}";
        assert_eq!(written("en", template, context! {}), "1,234 1.2341، 2");
    }

    #[test]
    fn markup_in_a_text_stays_and_all_else_is_escaped() {
        let template = "{% set date %}<b>{{ name }}</b>{% endset %}{{ t(\"date-and-time\", date=date, time=name) }}";
        assert_eq!(
            written("en", template, context! { name => "<i>" }),
            "<b>&#60;i&#62;</b>, &#60;i&#62;"
        );
        let plain = "{{ t(\"date-and-time\", date=name, time=1) }}";
        assert_eq!(
            written("en", plain, context! { name => "<i>" }),
            "&#60;i&#62;, 1"
        );
    }

    #[test]
    fn parts_about_a_post_have_its_language_if_the_interface_has_it() {
        let template = "{{ locale_for(\"fr-CA\") }} {{ locale_for(\"pl\") }} {{ lang(\"ar-EG\") }} {{ lang('\"') }}";
        let site = context! { site => context! { locale => "de", language => "de-AT" } };
        assert_eq!(
            written("de", template, site),
            "fr de lang=\"ar-EG\" dir=\"rtl\" lang=\"de-AT\" dir=\"ltr\""
        );
    }
}
