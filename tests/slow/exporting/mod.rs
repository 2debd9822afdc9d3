//! A publication is taken along: as a site for another machine, and as plain HTML that nginx serves.

mod nginx;
mod plain_html;
mod site;
