//! Former addresses: pages that lead on, and the same as rules for web servers.

use super::{
    folder::Folder,
    targets::{INDEX, Target, has_type},
};
use crate::{content::html::escape, exporting::ExportError, node::Node};
use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
};

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
    let mut nginx = NginxRules::new(&redirects, folder);
    let (mut rules, mut count) = (String::new(), 0);
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
        // On some disks, a name in other case would be the same file.
        if is_page && is_free && !has_query && folder.in_any_case(&file).is_none() {
            folder.write(&file, page(to).as_bytes())?;
        }
        if !has_query {
            let _ = writeln!(rules, "{} {to} 301", from.path);
        }
        nginx.add(from, to);
    }
    folder.write(RULES, rules.as_bytes())?;
    folder.write(NGINX, nginx.to_map().as_bytes())?;
    Ok(count)
}

/// The rules for nginx. It ignores case when it compares an address with a text, and looks at texts before it looks at
/// regular expressions.
struct NginxRules {
    /// The addresses in lower case, with the number of redirects from them in any case, and of pages.
    spelled: HashMap<String, usize>,
    written: HashSet<String>,
    entries: String,
}

impl NginxRules {
    /// Counts the addresses, before any page of a redirect is written.
    fn new(redirects: &[Redirect], folder: &Folder) -> Self {
        let mut spelled: HashMap<String, usize> = HashMap::new();
        for Redirect { from, .. } in redirects {
            let (file, _) = from.file(None);
            let pages = usize::from(from.part.is_none() && folder.in_any_case(&file).is_some());
            for from in spellings(from) {
                *spelled.entry(from.to_lowercase()).or_default() += 1 + pages;
            }
        }
        NginxRules {
            spelled,
            written: HashSet::new(),
            entries: String::new(),
        }
    }

    fn add(&mut self, from: &Target, to: &str) {
        for from in spellings(from) {
            // A second rule for an address is an error for nginx, and one for its own target a loop.
            if from.len() > MOST_IN_NGINX || from == to || !self.written.insert(from.clone()) {
                continue;
            }
            let lower = from.to_lowercase();
            let depends_on_case =
                lower == to.to_lowercase() || self.spelled.get(&lower).is_some_and(|n| *n > 1);
            let from = match depends_on_case {
                true => format!("\"~^{}$\"", regex::escape(&escaped(&from))),
                false => quoted(&from),
            };
            let _ = writeln!(self.entries, "{from} {};", quoted(to));
        }
    }

    fn to_map(&self) -> String {
        format!(
            "map_hash_bucket_size 1024;\nmap $request_uri $pamphlet_redirect {{\ndefault \"\";\n{}}}\n",
            self.entries
        )
    }
}

/// Returns an address as readers may have it: a page also with a slash at its end.
fn spellings(from: &Target) -> Vec<String> {
    match from.part.is_some() || has_type(&from.path) {
        true => vec![from.request()],
        false => vec![from.path.clone(), format!("{}/", from.path)],
    }
}

/// Quotes a text for nginx.
fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// Escapes what would end a quoted text, and `$`, which would begin a variable.
fn escaped(text: &str) -> String {
    let text = text.replace('$', "%24").replace('\\', "%5C");
    text.replace('"', "%22")
}

fn page(to: &str) -> String {
    let to = escape(to);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Moved</title>\n\
         <meta name=\"robots\" content=\"noindex\">\n<meta http-equiv=\"refresh\" content=\"0; url={to}\">\n\
         <link rel=\"canonical\" href=\"{to}\">\n</head>\n<body>\n<p><a href=\"{to}\">{to}</a></p>\n</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_for_nginx_respect_case_where_it_matters() {
        let temporary = tempfile::tempdir().unwrap();
        let mut folder = Folder::open(temporary.path(), false).unwrap();
        folder.write("tags/film/index.html", b"Film").unwrap();
        let redirect = |from: &str, to: &str| Redirect {
            from: Target::at(from),
            to: to.to_owned(),
        };
        let redirects = vec![
            redirect("/tags/Film", "/tags/film/"),
            redirect("/Old", "/a/"),
            redirect("/old", "/b/"),
            redirect("/about", "/about-us/"),
        ];
        assert_eq!(write(&mut folder, redirects).unwrap(), 4);
        let nginx = std::fs::read_to_string(temporary.path().join(NGINX)).unwrap();
        for rule in [
            "\"~^/tags/Film$\" \"/tags/film/\";",
            "\"~^/tags/Film/$\" \"/tags/film/\";",
            "\"~^/Old$\" \"/a/\";",
            "\"~^/old$\" \"/b/\";",
            "\"/about\" \"/about-us/\";",
        ] {
            assert!(nginx.contains(rule), "{rule} in {nginx}");
        }
        assert!(!temporary.path().join("tags/Film").exists());
        let pages = ["Old", "old"].map(|name| temporary.path().join(name).exists());
        assert_eq!(pages, [true, false]);
    }
}
