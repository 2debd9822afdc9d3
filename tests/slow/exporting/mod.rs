//! A publication is taken along: for another machine, for WordPress, and as plain HTML that nginx serves.

mod closed;
mod nginx;
mod plain_html;
mod site;
mod wordpress;
