//! Files, pictures, the media storage and the mail server.

use super::{report::Check, site::Site};
use crate::{
    cli::common::output,
    config::{
        Config, MediaStore,
        permissions::{self, TooPermissive},
    },
    content::markdown,
    mail::smtp::Mailer,
    store::Conn,
};
use anyhow::Result;

/// The number of articles that are read at once.
const PAGE: i64 = 200;
/// A file that no storage has.
const NO_FILE: &str = "pamphlet-doctor";

/// Checks that only the node's user can read the files: the database contains keys and email addresses.
pub(super) fn files(config: &Config) -> Check {
    let line = |open: TooPermissive| {
        let (path, mode) = (open.path.display(), open.mode);
        format!("{path} has mode {mode:04o}: `{}`", open.remedy)
    };
    let problems = permissions::too_permissive(config)
        .into_iter()
        .map(line)
        .collect();
    let well = "Only the node's user can read the database and the data directory.";
    let mend = "run these commands as the owner of the files";
    let check = Check::of("files", "file-mode", well, problems, mend);
    check.or(|paths| match paths {
        1 => "Other users of this machine can access 1 path.".into(),
        more => format!("Other users of this machine can access {more} paths."),
    })
}

/// Checks that articles name no files by relative addresses: other programs can't store files with an article.
pub(super) async fn pictures(conn: &mut Conn) -> Result<Check> {
    let (mut problems, mut after) = (Vec::new(), 0);
    loop {
        let articles = conn.illustrated_articles(after, PAGE).await?;
        let Some((last, ..)) = articles.last() else {
            break;
        };
        after = *last;
        for (_, slug, text) in &articles {
            let named = markdown::pictures(text);
            let lost = named.iter().find(|file| file.is_required);
            problems.extend(lost.map(|file| format!("{slug} names {}", file.name)));
        }
    }
    let well = "Every file that an article names is on the site.";
    let mend = "run `pamphlet post edit` with the article's file, or use full addresses";
    let check = Check::of("pictures", "picture-missing", well, problems, mend);
    Ok(check.or(|count| {
        format!(
            "{} may name a missing file.",
            output::counted(count, "article")
        )
    }))
}

/// Asks the storage of pictures for a file that it does not have.
pub(super) async fn media(site: &Site, is_offline: bool) -> Check {
    let Some(node) = &site.node else {
        return Check::skipped("media", "the database can't be used");
    };
    let is_bucket = matches!(site.config.media.store, MediaStore::Bucket { .. });
    if is_bucket && is_offline {
        return Check::skipped("media", "--offline");
    }
    let mut check = Check::new("media", "The storage of pictures responds.");
    if let Err(error) = node.media.storage().read(NO_FILE, 0..1).await {
        let mend = "compare the table [media] with the bucket: name, endpoint, region, and keys that may read, write and delete";
        check.find("media-failed", error.to_string(), mend);
    }
    check.or(|_| "The storage of pictures can't be used.".into())
}

/// Connects to the mail server, negotiates TLS and logs in, and sends nothing.
pub(super) async fn smtp(site: &Site) -> Check {
    let mut check = Check::new(
        "smtp",
        "The mail server accepts the connection and the login.",
    );
    let mend = "compare `server` in the table [mail] with what the provider says, and try `pamphlet mail test ADDRESS`";
    match Mailer::new(&site.config) {
        Ok(None) => return Check::skipped("smtp", "no mail server is configured"),
        Ok(Some(mailer)) => {
            if let Err(failure) = mailer.connect().await {
                check.find("smtp-failed", failure.reason().to_owned(), mend);
            }
        }
        Err(error) => check.find("smtp-failed", error.to_string(), mend),
    }
    check.or(|_| "No mail can be sent.".into())
}
