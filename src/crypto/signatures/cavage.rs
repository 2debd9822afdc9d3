//! draft-cavage-http-signatures-12: parses the `Signature` header and builds the signing string.

use super::{
    Message, SIGNATURE, SignatureError, Style, Unverified, check_expires, check_signed_at,
    digest::{CONTENT_DIGEST, DIGEST},
    key_id,
};
use crate::crypto::keys::Algorithm;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};

/// The pseudo-headers of section 2.3.
pub(super) const REQUEST_TARGET: &str = "(request-target)";
const CREATED: &str = "(created)";
const EXPIRES: &str = "(expires)";

/// The maximum number of parameters. The draft defines seven.
const MAX_PARAMETERS: usize = 16;
/// The maximum number of covered headers, more than any server signs.
const MAX_COVERED: usize = 32;

/// Parses a draft-cavage signature, and checks everything that needs no key.
pub(super) fn read(message: &Message<'_>) -> Result<Unverified, SignatureError> {
    let header = message.field(SIGNATURE)?;
    let parameters = Parameters::parse(&header)?;
    check_algorithm(&parameters)?;
    let key_id = key_id(parameters.required("keyid")?)?;
    let signature = STANDARD
        .decode(parameters.required("signature")?)
        .map_err(|_| SignatureError::malformed("signature", "base64"))?;
    let covered = covered(&parameters)?;
    check_coverage(&covered)?;
    let times = check_times(message, &parameters, &covered)?;
    message.check_digests(&covered, &[DIGEST, CONTENT_DIGEST])?;
    let base_over = |target: &str| base(message, &times, &covered, target);
    // NodeBB signs its fetches without the query, and Mastodon accepts that. The signature of a delivery covers
    // everything.
    let may_lack_query = message.query().is_some() && matches!(message.method(), "GET" | "HEAD");
    Ok(Unverified {
        key_id,
        style: Style::Cavage,
        algorithm: Some(Algorithm::RsaSha256),
        base: base_over(message.path_and_query())?,
        base_without_query: may_lack_query
            .then(|| base_over(message.path()))
            .transpose()?,
        signature,
    })
}

fn base(
    message: &Message<'_>,
    times: &Times,
    covered: &[String],
    target: &str,
) -> Result<String, SignatureError> {
    let lines = covered
        .iter()
        .map(|name| Ok((name.as_str(), component(message, times, name, target)?)))
        .collect::<Result<Vec<_>, SignatureError>>()?;
    Ok(signing_string(&lines))
}

/// Returns the signing string (section 2.3) of the names and values of the covered headers.
pub(super) fn signing_string(lines: &[(&str, String)]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    lines.join("\n")
}

/// Returns the value of `(request-target)`.
pub(super) fn request_target(method: &str, path_and_query: &str) -> String {
    format!("{} {path_and_query}", method.to_ascii_lowercase())
}

fn component(
    message: &Message<'_>,
    times: &Times,
    name: &str,
    target: &str,
) -> Result<String, SignatureError> {
    let time = |time: Option<i64>| match time {
        Some(seconds) => Ok(seconds.to_string()),
        None => Err(SignatureError::Absent(format!("{name} parameter"))),
    };
    match name {
        REQUEST_TARGET => Ok(request_target(message.method(), target)),
        CREATED => time(times.created),
        EXPIRES => time(times.expires),
        _ if name.starts_with('(') => Err(SignatureError::unsupported("component", name)),
        _ => message.field(name),
    }
}

/// Checks that the algorithm is `rsa-sha256`. `hs2019` derives it from the key; all servers that send it have RSA keys and
/// use PKCS#1 v1.5 with SHA-256, contrary to the draft.
fn check_algorithm(parameters: &Parameters<'_>) -> Result<(), SignatureError> {
    match parameters.get("algorithm") {
        None | Some("rsa-sha256" | "hs2019") => Ok(()),
        Some(other) => Err(SignatureError::unsupported("algorithm", other)),
    }
}

/// Returns the names of the covered headers, in the order of the `headers` parameter.
fn covered(parameters: &Parameters<'_>) -> Result<Vec<String>, SignatureError> {
    // Section 2.1.6 defines this default, which never covers enough.
    let list = parameters.get("headers").unwrap_or(CREATED);
    let mut names: Vec<String> = Vec::new();
    for name in list.split_ascii_whitespace() {
        let name = name.to_ascii_lowercase();
        if names.len() == MAX_COVERED || names.contains(&name) {
            return Err(SignatureError::malformed(
                "headers parameter",
                "a short list without repetition",
            ));
        }
        names.push(name);
    }
    Ok(names)
}

fn check_coverage(covered: &[String]) -> Result<(), SignatureError> {
    let covers = |name: &str| covered.iter().any(|covered| covered == name);
    for name in [REQUEST_TARGET, "host"] {
        if !covers(name) {
            return Err(SignatureError::Uncovered(name));
        }
    }
    // The draft forbids `(created)` with `rsa-sha256`. Since it is signed nevertheless, refusing it would protect nobody.
    if !covers("date") && !covers(CREATED) {
        return Err(SignatureError::Uncovered("a date"));
    }
    Ok(())
}

/// The time parameters, in Unix seconds.
struct Times {
    created: Option<i64>,
    expires: Option<i64>,
}

/// Checks every given time, and the `Date` header if it is covered.
fn check_times(
    message: &Message<'_>,
    parameters: &Parameters<'_>,
    covered: &[String],
) -> Result<Times, SignatureError> {
    let times = Times {
        created: parameters.seconds("created")?,
        expires: parameters.seconds("expires")?,
    };
    if covered.iter().any(|name| name == "date") {
        check_signed_at(http_date(&message.field("date")?)?, message.now)?;
    }
    if let Some(created) = times.created {
        check_signed_at(created, message.now)?;
    }
    check_expires(times.expires, message.now)?;
    Ok(times)
}

fn http_date(text: &str) -> Result<i64, SignatureError> {
    let time = httpdate::parse_http_date(text)
        .map_err(|_| SignatureError::malformed("Date header", "an HTTP date"))?;
    Ok(DateTime::<Utc>::from(time).timestamp())
}

/// The parameters of a `Signature` header, with names in lower case. Unknown parameters are ignored.
struct Parameters<'a>(Vec<(String, &'a str)>);

impl<'a> Parameters<'a> {
    /// Parses `name="value", name=value` in any order (section 2.1, RFC 7235 2.1).
    fn parse(header: &'a str) -> Result<Self, SignatureError> {
        let malformed =
            || SignatureError::malformed("Signature header", "a list of distinct parameters");
        let mut parameters: Vec<(String, &str)> = Vec::new();
        let mut rest = header;
        loop {
            let (name, after) = rest.split_once('=').ok_or_else(malformed)?;
            let (value, after) = split_value(after.trim_start()).ok_or_else(malformed)?;
            let name = name.trim().to_ascii_lowercase();
            let is_known = parameters.iter().any(|(known, _)| *known == name);
            if !is_token(&name) || is_known || parameters.len() == MAX_PARAMETERS {
                return Err(malformed());
            }
            parameters.push((name, value));
            match after.trim_start() {
                "" => return Ok(Self(parameters)),
                more => rest = more.strip_prefix(',').ok_or_else(malformed)?,
            }
        }
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    fn required(&self, name: &str) -> Result<&'a str, SignatureError> {
        self.get(name)
            .ok_or_else(|| SignatureError::Absent(format!("{name} parameter in the signature")))
    }

    /// Returns a Unix time (sections 2.1.4 and 2.1.5), quoted or not.
    fn seconds(&self, name: &str) -> Result<Option<i64>, SignatureError> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        // `parse` alone would also accept a sign.
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(seconds) if is_number => Ok(Some(seconds)),
            _ => Err(SignatureError::malformed(name, "a Unix time in seconds")),
        }
    }
}

/// Splits a value, quoted or a token, from the rest. Backslashes are refused: no value needs one, and programs differ in
/// their interpretation.
fn split_value(text: &str) -> Option<(&str, &str)> {
    let (value, rest) = match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => {
            let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
            text.split_at(end)
        }
    };
    (!value.contains(['\\', '"'])).then_some((value, rest))
}

fn is_token(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty() && name.bytes().all(is_allowed)
}

/// Returns the signing string over `headers`, which name no times, without any other check.
#[cfg(test)]
pub(super) fn base_for_test(
    message: &Message<'_>,
    headers: &str,
) -> Result<String, SignatureError> {
    let times = Times {
        created: None,
        expires: None,
    };
    let names: Vec<String> = headers.split(' ').map(str::to_owned).collect();
    base(message, &times, &names, message.path_and_query())
}
