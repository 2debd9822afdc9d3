//! A publication is taken along: for another machine, for WordPress, and as plain HTML that nginx serves.

mod closed;
mod full_disk;
mod interrupted;
mod nginx;
mod plain_html;
mod site;
mod wordpress;
