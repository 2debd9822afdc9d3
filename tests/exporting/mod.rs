//! A publication is taken along: as a site for another machine, for WordPress, as plain HTML, and its followers.

mod followers;
mod site;
mod static_site;
mod wordpress;
