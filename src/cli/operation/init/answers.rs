//! The answers of `pamphlet init`, and the configuration file that they make.

use super::without_password;
use crate::{
    cli::common::Options,
    config::{REFERENCE, absolute_database_url},
    content::{Language, Username},
};
use chrono_tz::Tz;
use std::{fmt::Write, path::Path};

/// Everything that a publication starts with.
pub(super) struct Answers {
    pub(super) domain: String,
    pub(super) public_url: String,
    pub(super) username: Username,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) language: Language,
    pub(super) time_zone: Tz,
    pub(super) author: Option<Author>,
    pub(super) mail: Option<Mail>,
}

/// The first author.
pub(super) struct Author {
    pub(super) name: String,
    pub(super) username: Username,
}

/// How mail is sent, and to whom.
pub(super) struct Mail {
    pub(super) server: String,
    pub(super) from: String,
    pub(super) admin: String,
}

/// A setting of the file: its table, key and value in TOML.
type Setting = (&'static str, &'static str, String);

impl Answers {
    /// Returns the whole as the admin agrees to it.
    pub(super) fn summary(&self, path: &Path, options: &Options) -> String {
        let none = || "none".to_owned();
        let author = self.author.as_ref();
        let author = author.map_or_else(none, |author| {
            format!("{} ({})", author.name, author.username)
        });
        let mail = self.mail.as_ref().map_or_else(none, |mail| {
            let server = without_password(&mail.server);
            format!("to {}, from {}, by {server}", mail.admin, mail.from)
        });
        let description = match self.description.as_str() {
            "" => none(),
            text => text.to_owned(),
        };
        let database = match (&options.database_url, &options.data) {
            (Some(url), _) => without_password(url),
            (None, Some(data)) => format!("{}/pamphlet.sqlite", data.display()),
            (None, None) => path
                .with_file_name("data/pamphlet.sqlite")
                .display()
                .to_string(),
        };
        let file = path.display().to_string();
        let handle = format!("@{}@{}", self.username, self.domain);
        let rows = [
            ("Name", &self.name),
            ("Description", &description),
            ("Address", &self.public_url),
            ("Handle", &handle),
            ("Language", &self.language.to_string()),
            ("Time zone", &self.time_zone.name().to_owned()),
            ("Author", &author),
            ("Mail", &mail),
            ("Configuration", &file),
            ("Database", &database),
        ];
        rows.iter().fold(String::new(), |mut text, (name, value)| {
            // Writing to a string can't fail.
            let _ = writeln!(text, "  {name:13}  {value}");
            text
        })
    }

    /// Returns the reference configuration, with these answers in place of commented-out settings.
    pub(super) fn to_file(&self, options: &Options) -> String {
        let mut settings = self.settings(options);
        let (mut text, mut table) = (String::new(), String::new());
        for line in REFERENCE.lines() {
            if let Some(heading) = line.strip_prefix('[') {
                heading.trim_end_matches(']').clone_into(&mut table);
            }
            let key = line
                .strip_prefix('#')
                .and_then(|rest| rest.split_once(" = "))
                .map(|(key, _)| key);
            let is_this = |(of, name, _): &Setting| *of == table && Some(*name) == key;
            match settings.iter().position(is_this) {
                Some(index) => {
                    let (_, name, value) = settings.remove(index);
                    text.push_str(&format!("{name} = {value}\n"));
                }
                None => text.push_str(&format!("{line}\n")),
            }
        }
        text
    }

    fn settings(&self, options: &Options) -> Vec<Setting> {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut settings = vec![
            ("", "public_url", quoted(&self.public_url)),
            ("", "domain", quoted(&self.domain)),
            ("site", "username", quoted(self.username.as_str())),
            ("site", "name", quoted(&self.name)),
            ("site", "language", quoted(self.language.as_str())),
            ("site", "time_zone", quoted(self.time_zone.name())),
        ];
        if !self.description.is_empty() {
            settings.push(("site", "summary", quoted(&self.description)));
        }
        if let Some(mail) = &self.mail {
            settings.push(("mail", "server", quoted(&mail.server)));
            settings.push(("mail", "from", quoted(&mail.from)));
            settings.push(("mail", "admin", format!("[{}]", quoted(&mail.admin))));
        }
        let data = options.data.as_deref().map(absolute);
        let given = [
            ("listen", options.listen.clone()),
            ("data", data),
            (
                "database_url",
                options.database_url.as_deref().map(absolute_database_url),
            ),
            ("database_direct_url", options.database_direct_url.clone()),
        ];
        settings.extend(
            given
                .into_iter()
                .filter_map(|(key, value)| Some(("", key, quoted(&value?)))),
        );
        if options.development {
            settings.push(("", "development", "true".into()));
        }
        settings
    }
}

/// Returns a path of the command line as the file has it. There, a relative path begins at the file, not at the working
/// folder.
fn absolute(path: &Path) -> String {
    let absolute = std::path::absolute(path);
    absolute.map_or_else(
        |_| path.display().to_string(),
        |path| path.display().to_string(),
    )
}
