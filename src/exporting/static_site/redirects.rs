//! Former addresses: pages that lead on, and the same as rules for web servers.

use super::{
    folder::Folder,
    targets::{INDEX, Target, has_type},
};
use crate::{content::html::escape, exporting::ExportError, node::Node};
use std::fmt::Write;

/// The number of paths that are read at once.
const BATCH: i64 = 1000;
/// The rules for hosts such as Netlify, Cloudflare Pages and Codeberg Pages.
const RULES: &str = "_redirects";
/// The rules for nginx, to be included in `http`.
const NGINX: &str = "_redirects.nginx";

/// The longest address in these, in bytes: nginx has a limit for all of them.
const MOST_IN_NGINX: usize = 900;

/// A redirect from a former address.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Redirect {
    pub from: Target,
    /// A link on this site, or the address of another one.
    pub to: String,
}

/// Returns all paths that articles, pages and tags had.
pub(super) async fn former_paths(node: &Node) -> Result<Vec<Target>, ExportError> {
    let mut conn = node.store.read().await?;
    let (mut targets, mut last) = (Vec::new(), String::new());
    loop {
        let paths = conn.all_former_paths(&last, BATCH).await?;
        let Some(end) = paths.last() else {
            return Ok(targets);
        };
        last.clone_from(end);
        let found = paths.iter().filter_map(|path| {
            let (path, query) = match path.split_once('?') {
                Some((path, query)) => (path, Some(query.to_owned())),
                None => (path.as_str(), None),
            };
            let url = node.urls().base().join(path).ok()?;
            let target = Target::of(&url, node.urls())?;
            Some(Target {
                part: query,
                ..target
            })
        });
        targets.extend(found);
    }
}

/// Writes a page for each redirect whose address no other file has, and the rules.
///
/// # Errors
/// If a file can't be written.
pub(super) fn write(folder: &mut Folder, mut redirects: Vec<Redirect>) -> Result<u64, ExportError> {
    redirects.sort();
    redirects.dedup();
    let (mut rules, mut nginx) = (String::new(), String::new());
    let mut count = 0;
    for Redirect { from, to } in &redirects {
        let (file, _) = from.file(None);
        let is_page =
            file.ends_with(INDEX) || from.path.ends_with(".html") || from.path.ends_with(".htm");
        let is_free = folder.is_free(&file);
        // A file does not depend on a query.
        let has_query = from.part.is_some();
        if !is_free && folder.has(&file) {
            continue;
        }
        count += 1;
        if is_page && is_free && !has_query {
            folder.write(&file, page(to).as_bytes())?;
        }
        if !has_query {
            let _ = writeln!(rules, "{} {to} 301", from.path);
        }
        for from in spellings(from)
            .iter()
            .filter(|from| from.len() <= MOST_IN_NGINX)
        {
            let _ = writeln!(nginx, "{} {};", quoted(from), quoted(to));
        }
    }
    folder.write(RULES, rules.as_bytes())?;
    let map = format!(
        "map_hash_bucket_size 1024;\nmap $request_uri $pamphlet_redirect {{\ndefault \"\";\n{nginx}}}\n"
    );
    folder.write(NGINX, map.as_bytes())?;
    Ok(count)
}

/// Returns an address as readers may have it: a page also with a slash at its end.
fn spellings(from: &Target) -> Vec<String> {
    match from.part.is_some() || has_type(&from.path) {
        true => vec![from.request()],
        false => vec![from.path.clone(), format!("{}/", from.path)],
    }
}

/// Quotes a text for nginx. A `$` would begin a variable; in a path it can be escaped.
fn quoted(text: &str) -> String {
    let text = text.replace('$', "%24").replace('\\', "%5C");
    format!("\"{}\"", text.replace('"', "%22"))
}

fn page(to: &str) -> String {
    let to = escape(to);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Moved</title>\n\
         <meta name=\"robots\" content=\"noindex\">\n<meta http-equiv=\"refresh\" content=\"0; url={to}\">\n\
         <link rel=\"canonical\" href=\"{to}\">\n</head>\n<body>\n<p><a href=\"{to}\">{to}</a></p>\n</body>\n</html>\n"
    )
}
