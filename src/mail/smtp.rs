//! Mails by SMTP: what the configuration says of it, checked, and one mail on its way.

use super::{Failure, SettingsError};
use crate::{
    config::Config,
    content::{clean_name, text::without_controls},
    federation::remote::fetch_error::shown,
    store::{Mail, Message as Row},
};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, SinglePart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        client::{Certificate, Tls, TlsParameters},
        response::{Code, Response},
    },
};
use std::{
    error::Error,
    time::{Duration, UNIX_EPOCH},
};
use url::Url;

/// How long the server may be silent.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longest subject and longest name before an address, in characters.
const MAX_SUBJECT: usize = 200;
const MAX_NAME: usize = 100;

/// Sends mails by the configured server.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// The right side of message ids.
    host: String,
}

impl Mailer {
    /// As the configuration says; `None` where it names no server.
    ///
    /// # Errors
    /// A [`SettingsError`] that says which option is wrong, and how it is written.
    pub fn new(config: &Config) -> Result<Option<Mailer>, SettingsError> {
        for address in &config.mail.admin {
            check_mailbox("mail.admin", address)?;
        }
        let Some(server) = &config.mail.server else {
            return Ok(None);
        };
        let from = config.mail.from.as_deref().ok_or(SettingsError::NoFrom)?;
        Ok(Some(Mailer {
            transport: transport_to(server.reveal(), config)?,
            from: check_mailbox("mail.from", from)?,
            host: config.public_url.host_str().unwrap_or_default().to_owned(),
        }))
    }

    /// Sends a mail; what the server said to it.
    ///
    /// # Errors
    /// What the server or the way to it objects, and whether that passes.
    pub async fn send(&self, row: &Row) -> Result<String, Failure> {
        let mail: Mail = serde_json::from_str(&row.payload)
            .map_err(|_| Failure::Lasting("it was not stored as a mail".into()))?;
        let message = self.write(&mail, row)?;
        match self.transport.send(message).await {
            Ok(response) => Ok(said(&response)),
            Err(error) => Err(failure(&error)),
        }
    }

    /// The message (RFC 5322). Its id and date are the row's, so that a repeat is known as one.
    fn write(&self, mail: &Mail, row: &Row) -> Result<Message, Failure> {
        let to = mailbox(&mail.to)
            .ok_or_else(|| Failure::Lasting("its recipient is no mail address".into()))?;
        let date = UNIX_EPOCH + Duration::from_millis(row.created_at.unsigned_abs());
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(clean_name(&mail.subject, MAX_SUBJECT))
            .date(date)
            .message_id(Some(format!("<{}@{}>", row.uid, self.host)))
            // RFC 3834 5: nobody's holiday answers it.
            .raw_header(as_it_is("Auto-Submitted", "auto-generated".into()));
        if let Some(url) = mail
            .unsubscribe
            .as_deref()
            .and_then(|url| Url::parse(url).ok())
        {
            builder = builder
                .raw_header(as_it_is("List-Unsubscribe", format!("<{url}>")))
                .raw_header(as_it_is(
                    "List-Unsubscribe-Post",
                    "List-Unsubscribe=One-Click".into(),
                ));
        }
        builder
            .singlepart(SinglePart::plain(
                without_controls(&mail.text).replace('\r', ""),
            ))
            .map_err(|error| Failure::Lasting(shown(&error.to_string())))
    }
}

/// A header in printable ASCII of our own, which is not encoded: a folded link would be broken.
fn as_it_is(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(
        HeaderName::new_from_ascii_str(name),
        value.clone(),
        value,
    )
}

/// `NAME <ADDRESS>` or an address alone.
pub fn mailbox(text: &str) -> Option<Mailbox> {
    let text = text.trim();
    if text.contains(char::is_control) {
        return None;
    }
    let Some((name, address)) = text
        .strip_suffix('>')
        .and_then(|text| text.rsplit_once('<'))
    else {
        return Some(Mailbox::new(None, text.parse().ok()?));
    };
    let name = clean_name(name.trim().trim_matches('"'), MAX_NAME);
    let name = Some(name).filter(|name| !name.is_empty());
    Some(Mailbox::new(name, address.parse().ok()?))
}

fn check_mailbox(option: &'static str, text: &str) -> Result<Mailbox, SettingsError> {
    mailbox(text).ok_or_else(|| SettingsError::Address(option, text.to_owned()))
}

/// The way to the server that a URL names. Its certificate is checked as those of other servers are.
fn transport_to(
    server: &str,
    config: &Config,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, SettingsError> {
    let url = Url::parse(server).map_err(|_| SettingsError::Server)?;
    let (Some(host), true) = (url.host_str(), matches!(url.scheme(), "smtp" | "smtps")) else {
        return Err(SettingsError::Server);
    };
    let tls = url.query_pairs().find(|(name, _)| name == "tls");
    let has_password = url.password().is_some();
    if has_password == url.username().is_empty() {
        return Err(SettingsError::HalfLogin);
    }
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(server)
        .map_err(|_| SettingsError::Server)?
        .timeout(Some(PATIENCE));
    match (url.scheme(), tls.as_ref().map(|(_, value)| value.as_ref())) {
        ("smtps", _) => builder = builder.tls(Tls::Wrapper(certificates(host, config)?)),
        (_, Some("required")) => builder = builder.tls(Tls::Required(certificates(host, config)?)),
        _ if has_password => return Err(SettingsError::OpenPassword),
        (_, Some(_)) => builder = builder.tls(Tls::Opportunistic(certificates(host, config)?)),
        _ => {}
    }
    Ok(builder.build())
}

/// The system's certificate authorities, and the configured ones.
fn certificates(host: &str, config: &Config) -> Result<TlsParameters, SettingsError> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(path) = &config.extra_roots {
        let roots = std::fs::read(path).map_err(|error| error.to_string());
        let roots = roots.and_then(|pem| Certificate::from_pem(&pem).map_err(|e| e.to_string()));
        builder = builder.add_root_certificate(roots.map_err(SettingsError::Tls)?);
    }
    builder
        .build()
        .map_err(|error| SettingsError::Tls(error.to_string()))
}

fn said(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    shown(&format!("{} {}", response.code(), lines.join(" ")))
}

/// A reply of 5yz is for ever (RFC 5321 4.2.1), but for those to our login (RFC 4954 6), which the admin
/// can mend.
fn failure(error: &lettre::transport::smtp::Error) -> Failure {
    let reason = error.source().map(ToString::to_string).unwrap_or_default();
    let Some(code) = error.status() else {
        let reason = if reason.is_empty() {
            error.to_string()
        } else {
            reason
        };
        return Failure::Passing(shown(&format!(
            "the mail server can't be reached: {reason}"
        )));
    };
    let text = shown(&format!("the mail server answered {code}: {reason}"));
    match error.is_permanent() && !is_about_login(code) {
        true => Failure::Lasting(text),
        false => Failure::Passing(text),
    }
}

fn is_about_login(code: Code) -> bool {
    matches!(u16::from(code), 530 | 534 | 535 | 538)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;

    fn error_of(lines: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pamphlet.toml");
        std::fs::write(&file, format!("[mail]\n{lines}")).unwrap();
        let overrides = Overrides {
            file: Some(file),
            ..Overrides::default()
        };
        let config = Config::load_with(&overrides, &|_| None).unwrap();
        match Mailer::new(&config) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_wrong_with_the_configuration_is_said_without_the_password() {
        let from = "from = \"Die Bl\u{e4}tter, t\u{e4}glich <blog@example.org>\"\n";
        for (server, expected) in [
            ("mail.example.org", "mail.server"),
            ("https://mail.example.org", "smtps://"),
            ("smtps://", "mail.server"),
            ("smtp://a:hush@mail.example.org", "tls=required"),
            (
                "smtp://a:hush@mail.example.org?tls=opportunistic",
                "tls=required",
            ),
            ("smtps://a@mail.example.org", "password"),
        ] {
            let error = error_of(&format!("server = \"{server}\"\n{from}"));
            assert!(
                error.contains(expected) && !error.contains("hush"),
                "{server}: {error}"
            );
        }
        assert!(error_of("server = \"smtp://localhost\"").contains("mail.from"));
        assert!(error_of("server = \"smtp://localhost\"\nfrom = \"me\"").contains("mail.from"));
        assert!(error_of("admin = [\"a@example.org\", \"b\"]").contains("\"b\""));
        for server in [
            "smtps://a:b@mail.example.org",
            "smtp://mail.example.org?tls=required",
            "smtp://localhost:25",
        ] {
            assert_eq!(
                error_of(&format!("server = \"{server}\"\n{from}")),
                "",
                "{server}"
            );
        }
    }

    #[test]
    fn a_recipient_is_one_mailbox_and_nothing_else() {
        let read = mailbox("\"M\u{fc}ller, Ann\" <ann@example.org>").unwrap();
        assert_eq!(read.name.as_deref(), Some("M\u{fc}ller, Ann"));
        assert_eq!(mailbox(" ann@example.org ").unwrap().name, None);
        for bad in [
            "",
            "ann",
            "ann@example.org\r\nBcc: b@example.org",
            "<ann@example.org> x",
            "a@b.c, d@e.f",
            "A <a@b.c\r\n>",
        ] {
            assert!(mailbox(bad).is_none(), "{bad:?}");
        }
    }
}
