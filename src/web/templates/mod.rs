//! Templates of pages: the files that are part of the program, the engine that renders them, and its filters.
//!
//! Templates escape every value except [`Html`](crate::content::Html), which is sanitized. `default/NAME` is always the
//! file of the program, so that another file with the name `NAME` can extend it.

mod escape;
mod filters;
mod theme;

pub(crate) use theme::ThemeError;

use crate::i18n::Locale;
use chrono_tz::Tz;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context, value::Serde};
use rust_embed::RustEmbed;
use serde::Serialize;
use std::path::Path;

/// The prefix of names that always mean a file of the program.
const DEFAULT: &str = "default/";
/// A query in the URLs of static files, which differs for each version, so that browsers can cache them for a year.
const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(RustEmbed)]
#[folder = "templates"]
#[include = "*.html"]
struct Files;

/// A page: the values that it shows, and the template that shows them. The fields are the variables of the template.
pub(crate) trait Page: Serialize {
    /// The name of the template, such as `article.html`.
    const TEMPLATE: &'static str;
}

/// A template that could not be read or rendered. Its text has the template's name and the line.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct TemplateError(#[from] minijinja::Error);

impl TemplateError {
    /// Returns the error with the file and the line of a theme in which it happened.
    pub(crate) fn in_theme(&self, folder: &Path) -> ThemeError {
        theme::describe(folder, &self.0)
    }
}

/// All templates.
pub(crate) struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// Returns the templates of the program, for a site in this language (BCP 47) with dates in this time zone.
    pub(crate) fn new(language: &str, zone: Tz) -> Self {
        let mut environment = Environment::new();
        environment.set_debug(false);
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_formatter(escape::write_value);
        environment.set_loader(|name| Ok(built_in(name.strip_prefix(DEFAULT).unwrap_or(name))));
        environment.add_global("version", VERSION);
        environment.add_global("stylesheet", format!("/static/pamphlet.css?v={VERSION}"));
        environment.add_global("locale", Locale::from_tag(language).tag());
        filters::register(&mut environment, zone);
        environment.add_function("frame", empty_frame);
        Templates { environment }
    }

    /// Sets the address of the style sheet.
    pub(crate) fn with_stylesheet(mut self, address: &str) -> Self {
        self.environment.add_global("stylesheet", address);
        self
    }

    /// Adds the templates in a folder, which replace those of the program with the same names. With `reloads`, changed
    /// files are read again.
    ///
    /// # Errors
    /// If a template in the folder is broken.
    pub(crate) fn with_theme(mut self, folder: &Path, reloads: bool) -> Result<Self, ThemeError> {
        theme::add(&mut self.environment, folder, reloads)?;
        Ok(self)
    }

    /// Sets the function `frame()`, which returns what every page shows of the database.
    pub(crate) fn set_frame(&mut self, frame: impl Fn() -> Value + Send + Sync + 'static) {
        self.environment.add_function("frame", frame);
    }

    /// Renders a page.
    pub(crate) fn render<P: Page>(&self, page: &P) -> Result<String, TemplateError> {
        self.render_template(P::TEMPLATE, page)
    }

    /// Renders a template with these variables.
    pub(crate) fn render_template(
        &self,
        name: &str,
        variables: &impl Serialize,
    ) -> Result<String, TemplateError> {
        let template = self.environment.get_template(name)?;
        Ok(template.render(Serde(variables))?)
    }
}

/// Returns the frame of pages that are rendered without a database.
fn empty_frame() -> Value {
    let none = || Vec::<Value>::new();
    context! {
        header => none(),
        footer => none(),
        newest => none(),
        has_privacy => false,
        has_authors => false,
        has_notes => false,
    }
}

fn built_in(name: &str) -> Option<String> {
    let file = Files::get(name)?;
    String::from_utf8(file.data.into_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_well_formed() {
        let templates = Templates::new("en", Tz::UTC);
        for name in Files::iter() {
            let loaded = templates.environment.get_template(&name);
            assert!(loaded.is_ok(), "{:?}", loaded.err());
        }
    }
}
