//! The page about privacy: what this node stores, for how long, and what it sends to others, by its configuration.

use super::locale_of;
use crate::{
    config::{
        Config, GuestPolicy,
        retention::{self, DAY},
    },
    guests::confirm::CONFIRM_WITHIN,
    i18n::{Locale, Value},
    web::{
        app::{App, own_link},
        response::{self, WebError, shared},
        views::{Fact, PrivacyPage, Topic},
    },
};
use axum::{http::HeaderMap, response::Response};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Returns the page that is made from the configuration.
pub(super) fn page(app: &App, headers: &HeaderMap) -> Result<Response, WebError> {
    let locale = locale_of(app);
    let page = PrivacyPage::new(
        &app.site,
        locale.text("privacy-title").into_owned(),
        own_link(&app.node.urls().at("/privacy")),
        locale.tag(),
        locale.text_with(
            "privacy-introduction",
            &[("site", app.site.name.as_str().into())],
        ),
        topics(&app.node.config, &app.site.handle, locale),
    );
    response::page(headers, app.render(&page), None).map(shared)
}

/// Collects the facts of a topic.
struct Writer {
    locale: Locale,
    facts: Vec<Fact>,
}

impl Writer {
    fn new(locale: Locale) -> Self {
        Writer {
            locale,
            facts: Vec::new(),
        }
    }

    fn say(&mut self, key: &str) {
        self.facts.push(Fact(self.locale.text(key).into_owned()));
    }

    fn say_with(&mut self, key: &str, args: &[(&str, Value)]) {
        self.facts.push(Fact(self.locale.text_with(key, args)));
    }

    /// Says something about a time in milliseconds.
    fn say_for(&mut self, key: &str, time: i64) {
        let time = duration(self.locale, time);
        self.say_with(key, &[("time", time.into())]);
    }

    fn into_topic(self, heading: &str) -> Topic {
        Topic {
            heading: self.locale.text(heading).into_owned(),
            facts: self.facts,
        }
    }
}

fn topics(config: &Config, handle: &str, locale: Locale) -> Vec<Topic> {
    let mut topics = vec![reading(config, locale)];
    if config.comments.guests != GuestPolicy::Closed {
        topics.push(comments(config, locale));
    }
    topics.push(fediverse(config, locale));
    topics.push(rights(handle, locale));
    topics
}

/// Visits of readers who write nothing.
fn reading(config: &Config, locale: Locale) -> Topic {
    let mut writer = Writer::new(locale);
    writer.say("privacy-no-cookies");
    writer.say_with(
        "privacy-pictures",
        &[("megabytes", (config.cache.pictures as i64).into())],
    );
    writer.say("privacy-no-visits");
    writer.say_for("privacy-limits", retention::LIMIT_HITS);
    writer.say("privacy-own-server");
    writer.into_topic("privacy-reading")
}

/// Comments of readers without an account.
fn comments(config: &Config, locale: Locale) -> Topic {
    let mut writer = Writer::new(locale);
    writer.say("privacy-comment");
    writer.say_for(
        "privacy-address",
        config.comments.keep_addresses.milliseconds(),
    );
    let cookie = match config.public_url.scheme() {
        "https" => "__Host-guest",
        _ => "guest",
    };
    let year = duration(locale, retention::GUEST_COOKIE);
    writer.say_with(
        "privacy-cookie",
        &[("name", cookie.into()), ("time", year.into())],
    );
    if config.mail.server.is_some() {
        writer.say_for("privacy-confirmation", CONFIRM_WITHIN);
        writer.say_for("privacy-mails", retention::MESSAGES);
    }
    writer.say("privacy-former-versions");
    writer.say_for("privacy-bin", retention::BIN);
    if config.comments.federate_guests.is_on() {
        writer.say("privacy-federated-comments");
    }
    if config.spam.akismet_key.is_some() {
        let host = config.spam.akismet_url.host_str().unwrap_or_default();
        writer.say_with("privacy-spam-service", &[("host", host.to_owned().into())]);
    }
    writer.into_topic("privacy-comments")
}

/// The exchange with other servers.
fn fediverse(config: &Config, locale: Locale) -> Topic {
    let mut writer = Writer::new(locale);
    writer.say("privacy-replies");
    writer.say(if config.conversations.recheck {
        "privacy-deletions-rechecked"
    } else {
        "privacy-deletions"
    });
    writer.say(if config.followers.hide {
        "privacy-followers-hidden"
    } else {
        "privacy-followers"
    });
    writer.say_for("privacy-notices", config.notices.keep.milliseconds());
    let (receipts, deleted) = (
        duration(locale, retention::RECEIPTS),
        duration(locale, retention::TOMBSTONES),
    );
    writer.say_with(
        "privacy-traces",
        &[("received", receipts.into()), ("deleted", deleted.into())],
    );
    writer.say_for("privacy-events", retention::EVENTS);
    writer.say_for("privacy-fetches", retention::OBJECT_HOSTS);
    writer.say("privacy-sent");
    writer.into_topic("privacy-fediverse")
}

fn rights(handle: &str, locale: Locale) -> Topic {
    let mut writer = Writer::new(locale);
    writer.say_with("privacy-ask", &[("handle", handle.to_owned().into())]);
    writer.say("privacy-delete-yourself");
    writer.into_topic("privacy-rights")
}

/// Writes a time in milliseconds in the largest unit that expresses it exactly.
fn duration(locale: Locale, time: i64) -> String {
    let units = [
        (365 * DAY, "duration-years"),
        (DAY, "duration-days"),
        (HOUR, "duration-hours"),
        (MINUTE, "duration-minutes"),
    ];
    let exact = units.iter().find(|(unit, _)| time % unit == 0);
    let (unit, key) = exact.copied().unwrap_or((SECOND, "duration-seconds"));
    locale.text_with(key, &[("count", (time / unit).max(1).into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_for_people() {
        for (time, text) in [
            (7 * DAY, "7 days"),
            (DAY, "1 day"),
            (730 * DAY, "2 years"),
            (36 * HOUR, "36 hours"),
            (90 * MINUTE, "90 minutes"),
            (90 * SECOND, "90 seconds"),
        ] {
            assert_eq!(duration(Locale::En, time), text);
        }
        assert_eq!(duration(Locale::De, 7 * DAY), "7 Tage");
    }
}
