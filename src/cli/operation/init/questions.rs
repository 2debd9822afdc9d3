//! The questions of `pamphlet init`. A wrong answer can be given again.

use super::{
    Init,
    answers::{Answers, Author, Mail},
    checks::{
        one_line, parse_address, parse_sender, parse_server, quoted_name, system_language,
        system_zone, zone_named,
    },
};
use crate::{
    cli::common::{Options, confirm},
    config::{parse_domain, parse_public_url},
    content::{Language, Slug, Username},
};
use anyhow::{Result, anyhow, bail};
use std::fmt::Display;

/// Asks questions on a terminal. Elsewhere, uses the defaults of settings that no flag gives.
pub(super) struct Asker {
    is_terminal: bool,
}

/// A question about one setting.
struct Question<'a> {
    explanation: &'a str,
    prompt: &'a str,
    /// The answer to an empty line. An empty default makes the answer optional; without one, it is required.
    default: Option<String>,
    /// The option that gives the answer.
    flag: &'a str,
}

impl Asker {
    pub(super) fn at_terminal() -> Asker {
        Asker { is_terminal: true }
    }

    pub(super) fn silent() -> Asker {
        Asker { is_terminal: false }
    }

    /// Asks until `parse` accepts the answer.
    fn ask<T, E: Display>(
        &self,
        question: &Question<'_>,
        parse: impl Fn(String) -> Result<T, E>,
    ) -> Result<T> {
        let Question { prompt, flag, .. } = question;
        let missing = || anyhow!("{prompt} is missing: set it with {flag}");
        if !self.is_terminal {
            let default = question.default.clone().ok_or_else(missing)?;
            return parse(default).map_err(|error| anyhow!("{flag}: {error}"));
        }
        let hint = match question.default.as_deref() {
            None => String::new(),
            Some("") => " [none]".to_owned(),
            Some(default) => format!(" [{default}]"),
        };
        eprintln!("\n{}", wrapped(question.explanation));
        loop {
            let Some(answer) = confirm::ask_line(&format!("{prompt}{hint}: "))? else {
                bail!("nothing was written");
            };
            let answer = match (answer.as_str(), &question.default) {
                ("", Some(default)) => default.clone(),
                ("", None) => continue,
                _ => answer,
            };
            match parse(answer) {
                Ok(value) => return Ok(value),
                Err(error) => eprintln!("  {error}"),
            }
        }
    }

    /// Returns the value of a flag, or asks.
    fn given_or<T: Clone, E: Display>(
        &self,
        given: Option<&T>,
        question: &Question<'_>,
        parse: impl Fn(String) -> Result<T, E>,
    ) -> Result<T> {
        match given {
            Some(value) => Ok(value.clone()),
            None => self.ask(question, parse),
        }
    }
}

impl Init {
    /// Asks for everything that no flag gives. `before` are earlier answers, which become the defaults.
    pub(super) fn answers(
        &self,
        asker: &Asker,
        before: Option<&Answers>,
        options: &Options,
    ) -> Result<Answers> {
        let domain = options.domain.clone().map(parse_domain).transpose()?;
        let domain = asker.given_or(
            domain.as_ref(),
            &Question {
                explanation: "The domain of your handle, such as example.org. It can't be changed later, because every \
                              follower refers to it.",
                prompt: "Domain",
                default: before.map(|answers| answers.domain.clone()),
                flag: "--domain",
            },
            parse_domain,
        )?;
        let is_development = options.development;
        let parse_url = |text: String| {
            parse_public_url(text, is_development)
                .map(|url| url.as_str().trim_end_matches('/').to_owned())
        };
        let public_url = options.public_url.clone().map(parse_url).transpose()?;
        let public_url = asker.given_or(
            public_url.as_ref(),
            &Question {
                explanation: "The address at which readers will find the site. It can't be changed later either.",
                prompt: "Address",
                default: Some(before.map_or_else(
                    || format!("https://{domain}"),
                    |answers| answers.public_url.clone(),
                )),
                flag: "--public-url",
            },
            parse_url,
        )?;
        let username = asker.given_or(
            self.username.as_ref(),
            &Question {
                explanation: "The user name in your handle, such as blog in @blog@example.org. It can't be changed later \
                              either.",
                prompt: "User name",
                default: Some(before.map_or_else(Username::default, |answers| answers.username.clone()).to_string()),
                flag: "--username",
            },
            |text| text.parse::<Username>(),
        )?;
        let name = asker.given_or(
            self.name.as_ref(),
            &Question {
                explanation: "The publication's name, as readers see it.",
                prompt: "Name",
                default: Some(
                    before.map_or_else(|| domain.clone(), |answers| answers.name.clone()),
                ),
                flag: "--name",
            },
            one_line,
        )?;
        let description = asker.given_or(
            self.description.as_ref(),
            &Question {
                explanation: "A description of one or two sentences, for readers and followers.",
                prompt: "Description",
                default: Some(
                    before.map_or_else(String::new, |answers| answers.description.clone()),
                ),
                flag: "--description",
            },
            one_line,
        )?;
        let language = asker.given_or(
            self.language.as_ref(),
            &Question {
                explanation: "The language of the site, such as en, de, fr, es or ar.",
                prompt: "Language",
                default: Some(
                    before.map_or_else(system_language, |answers| answers.language.to_string()),
                ),
                flag: "--language",
            },
            |text| text.parse::<Language>(),
        )?;
        let time_zone = asker.given_or(
            self.time_zone.as_ref(),
            &Question {
                explanation: "The time zone of dates on pages and of times that you plan by.",
                prompt: "Time zone",
                default: Some(
                    before
                        .map_or_else(system_zone, |answers| answers.time_zone)
                        .name()
                        .to_owned(),
                ),
                flag: "--time-zone",
            },
            |text| zone_named(&text),
        )?;
        let author = self.ask_author(asker, before, &username, &language)?;
        let mail = self.ask_mail(asker, before, &name, &domain)?;
        Ok(Answers {
            domain,
            public_url,
            username,
            name,
            description,
            language,
            time_zone,
            author,
            mail,
        })
    }

    fn ask_author(
        &self,
        asker: &Asker,
        before: Option<&Answers>,
        site: &Username,
        language: &Language,
    ) -> Result<Option<Author>> {
        let before = before.and_then(|answers| answers.author.as_ref());
        let name = asker.given_or(
            self.author.as_ref(),
            &Question {
                explanation: "Your name, if articles shall have a byline: the first author. `pamphlet author` adds others.",
                prompt: "Author",
                default: Some(before.map_or_else(String::new, |author| author.name.clone())),
                flag: "--author",
            },
            one_line,
        )?;
        if name.is_empty() {
            return Ok(None);
        }
        let parse = |text: String| {
            let username = text
                .parse::<Username>()
                .map_err(|error| error.to_string())?;
            if username.as_str() == site.as_str() {
                return Err(format!(
                    "{username} is the publication's own user name: choose another one"
                ));
            }
            Ok(username)
        };
        let derived = || {
            let slug = Slug::from_title(&name, language.as_str());
            let derived = slug.map(|slug| slug.to_string().replace('-', "_"));
            derived
                .filter(|name| name.parse::<Username>().is_ok() && name != site.as_str())
                .unwrap_or_else(|| "author".to_owned())
        };
        let given = self.author_username.as_ref();
        let given = given.map(|given| parse(given.to_string()).map_err(|error| anyhow!("{error}")));
        let username = asker.given_or(
            given.transpose()?.as_ref(),
            &Question {
                explanation: "The author's user name, to which articles refer by `author:` in their front matter.",
                prompt: "Author's user name",
                default: Some(before.map_or_else(derived, |author| author.username.to_string())),
                flag: "--author-username",
            },
            parse,
        )?;
        Ok(Some(Author { name, username }))
    }

    fn ask_mail(
        &self,
        asker: &Asker,
        before: Option<&Answers>,
        name: &str,
        domain: &str,
    ) -> Result<Option<Mail>> {
        let before = before.and_then(|answers| answers.mail.as_ref());
        let admin = self.mail_admin.clone().map(parse_address);
        let admin = asker.given_or(
            admin.transpose().map_err(|error| anyhow!("--mail-admin: {error}"))?.as_ref(),
            &Question {
                explanation: "Your email address, if you want mail about new comments and problems.",
                prompt: "Email address",
                default: Some(before.map_or_else(String::new, |mail| mail.admin.clone())),
                flag: "--mail-admin",
            },
            |text| if text.is_empty() { Ok(text) } else { parse_address(text) },
        )?;
        if admin.is_empty() {
            return Ok(None);
        }
        let server = self.mail_server.clone().map(parse_server);
        let server = asker.given_or(
            server.transpose().map_err(|error| anyhow!("--mail-server: {error}"))?.as_ref(),
            &Question {
                explanation: "The server that sends mail: smtps://user:password@mail.example.org, or \
                              smtp://user:password@mail.example.org:587?tls=required.",
                prompt: "Mail server",
                default: before.map(|mail| mail.server.clone()),
                flag: "--mail-server",
            },
            parse_server,
        )?;
        let host = domain.split(':').next().unwrap_or(domain);
        let from = asker.given_or(
            self.mail_from.as_ref(),
            &Question {
                explanation: "The sender of mails.",
                prompt: "Sender",
                default: Some(before.map_or_else(
                    || format!("{} <blog@{host}>", quoted_name(name)),
                    |mail| mail.from.clone(),
                )),
                flag: "--mail-from",
            },
            parse_sender,
        )?;
        Ok(Some(Mail {
            server,
            from,
            admin,
        }))
    }
}

/// Breaks a text into lines that fit every terminal.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 78;
    let (mut lines, mut used) = (String::new(), 0);
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > WIDTH {
            lines.push('\n');
            used = 0;
        } else if used > 0 {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(word);
        used += length;
    }
    lines
}
