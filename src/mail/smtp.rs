//! Sends emails by SMTP.

use super::{Failure, SettingsError};
use crate::{
    config::Config,
    content::{clean_line, text::without_controls},
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

/// The time limit for each response of the server.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The maximum length of a subject, in characters.
const MAX_SUBJECT: usize = 200;
/// The maximum length of the name before an address, in characters.
const MAX_NAME: usize = 100;

/// Sends emails through the configured server.
pub(crate) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// The host in message ids.
    host: String,
}

impl Mailer {
    /// Creates a mailer from the configuration; `None` if it names no server.
    ///
    /// # Errors
    /// If an option is invalid.
    pub(crate) fn new(config: &Config) -> Result<Option<Mailer>, SettingsError> {
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

    /// Sends an email. Returns the server's reply.
    ///
    /// # Errors
    /// If the server can't be reached or rejects the email.
    pub(crate) async fn send(&self, row: &Row) -> Result<String, Failure> {
        let mail: Mail = serde_json::from_str(&row.payload)
            .map_err(|_| Failure::Permanent("the stored message is not an email".into()))?;
        let message = self.build(&mail, row)?;
        match self.transport.send(message).await {
            Ok(response) => Ok(reply_text(&response)),
            Err(error) => Err(failure(&error)),
        }
    }

    /// Connects to the server, negotiates TLS and logs in, and sends nothing.
    ///
    /// # Errors
    /// If the server can't be reached or refuses the login.
    pub(crate) async fn connect(&self) -> Result<(), Failure> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::Transient(
                "the mail server closes the connection".into(),
            )),
            Err(error) => Err(failure(&error)),
        }
    }

    /// Builds the message (RFC 5322). Its id and date come from the row, so that receivers can recognize a repeat.
    fn build(&self, mail: &Mail, row: &Row) -> Result<Message, Failure> {
        let to = mailbox(&mail.to)
            .ok_or_else(|| Failure::Permanent("the recipient is not an email address".into()))?;
        let date = UNIX_EPOCH + Duration::from_millis(row.created_at.unsigned_abs());
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(clean_line(&mail.subject, MAX_SUBJECT))
            .date(date)
            .message_id(Some(format!("<{}@{}>", row.uid, self.host)))
            // Prevents automatic replies (RFC 3834 5).
            .raw_header(unencoded("Auto-Submitted", "auto-generated".into()));
        if let Some(url) = mail
            .unsubscribe
            .as_deref()
            .and_then(|url| Url::parse(url).ok())
        {
            builder = builder
                .raw_header(unencoded("List-Unsubscribe", format!("<{url}>")))
                .raw_header(unencoded(
                    "List-Unsubscribe-Post",
                    "List-Unsubscribe=One-Click".into(),
                ));
        }
        builder
            .singlepart(SinglePart::plain(
                without_controls(&mail.text).replace('\r', ""),
            ))
            .map_err(|error| Failure::Permanent(shown(&error.to_string())))
    }
}

/// Returns a header in printable ASCII that is not encoded, because folding would break a link.
fn unencoded(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(
        HeaderName::new_from_ascii_str(name),
        value.clone(),
        value,
    )
}

/// Parses `NAME <ADDRESS>` or an address.
pub(crate) fn mailbox(text: &str) -> Option<Mailbox> {
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
    let name = clean_line(name.trim().trim_matches('"'), MAX_NAME);
    let name = Some(name).filter(|name| !name.is_empty());
    Some(Mailbox::new(name, address.parse().ok()?))
}

fn check_mailbox(option: &'static str, text: &str) -> Result<Mailbox, SettingsError> {
    mailbox(text).ok_or_else(|| SettingsError::Address(option, text.to_owned()))
}

/// Returns the transport to the server at a URL. Its certificate is verified like those of other servers.
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
        return Err(SettingsError::IncompleteCredentials);
    }
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(server)
        .map_err(|_| SettingsError::Server)?
        .timeout(Some(TIMEOUT));
    match (url.scheme(), tls.as_ref().map(|(_, value)| value.as_ref())) {
        ("smtps", _) => builder = builder.tls(Tls::Wrapper(tls_parameters(host, config)?)),
        (_, Some("required")) => {
            builder = builder.tls(Tls::Required(tls_parameters(host, config)?))
        }
        _ if has_password => return Err(SettingsError::UnencryptedPassword),
        (_, Some(_)) => builder = builder.tls(Tls::Opportunistic(tls_parameters(host, config)?)),
        _ => {}
    }
    Ok(builder.build())
}

/// Returns TLS parameters with the system's certificate authorities and the configured ones.
fn tls_parameters(host: &str, config: &Config) -> Result<TlsParameters, SettingsError> {
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

fn reply_text(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    shown(&format!("{} {}", response.code(), lines.join(" ")))
}

/// Classifies a failure. A 5yz reply is permanent (RFC 5321 4.2.1), except for login errors (RFC 4954 6), which the admin
/// can fix.
fn failure(error: &lettre::transport::smtp::Error) -> Failure {
    let reason = error.source().map(ToString::to_string).unwrap_or_default();
    let Some(code) = error.status() else {
        let reason = if reason.is_empty() {
            error.to_string()
        } else {
            reason
        };
        return Failure::Transient(shown(&format!("cannot reach the mail server: {reason}")));
    };
    let text = shown(&format!("the mail server replied {code}: {reason}"));
    if error.is_permanent() && !is_login_error(code) {
        Failure::Permanent(text)
    } else {
        Failure::Transient(text)
    }
}

fn is_login_error(code: Code) -> bool {
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
    fn configuration_errors_do_not_contain_the_password() {
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
