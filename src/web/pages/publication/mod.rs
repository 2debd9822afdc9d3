//! Pages about the publication as a whole: static pages, indexes, the archive, the page for subscribers, privacy.

pub(crate) mod archive;
pub(crate) mod authors;
pub(crate) mod notes;
pub(crate) mod privacy;
pub(crate) mod static_page;
pub(crate) mod subscribe;
pub(crate) mod tags;

use crate::{i18n::Locale, web::app::App};

/// Returns the language of the interface.
fn locale_of(app: &App) -> Locale {
    app.site.locale
}
