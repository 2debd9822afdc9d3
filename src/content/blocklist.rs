//! Shared lists of blocked domains: Mastodon's CSV in all variants in use, and plain lists.

use super::Host;

/// The columns of Mastodon's export, in their order.
const COLUMNS: [&str; 6] = [
    "domain",
    "severity",
    "reject_media",
    "reject_reports",
    "public_comment",
    "obfuscate",
];
/// The maximum number of lines of a quoted field. In a longer one, the quotation mark must be a mistake.
const MAX_FIELD_LINES: usize = 20;
/// The maximum length of a reason, in characters.
const MAX_REASON: usize = 500;

/// The severity of a block, in Mastodon's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListSeverity {
    Suspend,
    Silence,
    Noop,
}

impl ListSeverity {
    /// Returns Mastodon's word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ListSeverity::Suspend => "suspend",
            ListSeverity::Silence => "silence",
            ListSeverity::Noop => "noop",
        }
    }
}

/// A domain in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The line number, from 1.
    pub line: usize,
    pub host: Host,
    pub severity: ListSeverity,
    pub reject_media: bool,
    pub reject_reports: bool,
    pub comment: Option<String>,
    pub obfuscate: bool,
}

/// A line that is skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvalidLine {
    /// The line number, from 1.
    pub line: usize,
    /// Why it is skipped.
    pub reason: String,
}

/// Parses a list. Returns its entries and the lines that are skipped.
pub(crate) fn parse(text: &str) -> (Vec<Entry>, Vec<InvalidLine>) {
    let (mut entries, mut bad) = (Vec::new(), Vec::new());
    let mut columns: Vec<String> = COLUMNS.map(str::to_owned).to_vec();
    let mut separator = ',';
    let mut is_first = true;
    for (line, record) in records(text.trim_start_matches('\u{FEFF}'), &mut bad) {
        if record.trim().is_empty() {
            continue;
        }
        if std::mem::take(&mut is_first)
            && let Some((found, header)) = header_of(&record)
        {
            (separator, columns) = (found, header);
            continue;
        }
        if record.starts_with('#') {
            continue;
        }
        match entry(line, &fields(&record, separator), &columns) {
            Ok(entry) => entries.push(entry),
            Err(reason) => bad.push(InvalidLine { line, reason }),
        }
    }
    bad.sort_by_key(|bad| bad.line);
    (entries, bad)
}

/// Writes a list as Mastodon exports it.
pub(crate) fn write(entries: &[Entry]) -> String {
    let mut text = COLUMNS.map(|name| format!("#{name}")).join(",") + "\n";
    for entry in entries {
        let fields = [
            entry.host.to_string(),
            entry.severity.as_str().to_owned(),
            entry.reject_media.to_string(),
            entry.reject_reports.to_string(),
            quoted(entry.comment.as_deref().unwrap_or("")),
            entry.obfuscate.to_string(),
        ];
        text += &(fields.join(",") + "\n");
    }
    text
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r', '#']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Splits a text into records with the numbers of their first lines. A quoted field can have several lines.
fn records(text: &str, bad: &mut Vec<InvalidLine>) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut records = Vec::new();
    let mut next = 0;
    while next < lines.len() {
        let is_open = |count: &usize| {
            let quotes = lines[next..next + count].iter();
            quotes.map(|line| line.matches('"').count()).sum::<usize>() % 2 == 1
        };
        let most = MAX_FIELD_LINES.min(lines.len() - next);
        match (1..=most).find(|count| !is_open(count)) {
            Some(count) => {
                records.push((next + 1, lines[next..next + count].join("\n")));
                next += count;
            }
            None => {
                let reason = "the quotation mark is not closed".to_owned();
                bad.push(InvalidLine {
                    line: next + 1,
                    reason,
                });
                next += 1;
            }
        }
    }
    records
}

/// Returns the separator and the names of the columns, if a first line is a header.
fn header_of(record: &str) -> Option<(char, Vec<String>)> {
    let separator = [',', ';', '\t']
        .into_iter()
        .find(|separator| record.contains(*separator))
        .unwrap_or(',');
    let names: Vec<String> = fields(record, separator)
        .iter()
        .map(|name| column_name(name))
        .collect();
    names
        .contains(&"domain".to_owned())
        .then_some((separator, names))
}

/// Returns Mastodon's name of a column.
fn column_name(text: &str) -> String {
    let name = text.trim().trim_start_matches('#').trim();
    let name = name.to_lowercase().replace([' ', '-'], "_");
    match name.as_str() {
        "host" | "hostname" | "instance" | "server" | "domain_name" => "domain".into(),
        "level" | "action" | "block" | "limit" => "severity".into(),
        "no_media" | "media" => "reject_media".into(),
        "no_reports" | "reports" => "reject_reports".into(),
        "comment" | "reason" | "note" => "public_comment".into(),
        _ => name,
    }
}

/// Splits a record into fields (RFC 4180).
fn fields(record: &str, separator: char) -> Vec<String> {
    let (mut list, mut field, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut rest = record.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if is_quoted && rest.peek() == Some(&'"') => field.extend(rest.next()),
            '"' => is_quoted = !is_quoted,
            c if c == separator && !is_quoted => list.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    list.push(field);
    list.iter().map(|field| field.trim().to_owned()).collect()
}

fn entry(line: usize, fields: &[String], columns: &[String]) -> Result<Entry, String> {
    let field = |name: &str| {
        let index = columns.iter().position(|column| column == name);
        index
            .and_then(|index| fields.get(index))
            .map_or("", String::as_str)
    };
    Ok(Entry {
        line,
        host: host(field("domain"))?,
        severity: severity(field("severity"))?,
        reject_media: flag("reject_media", field("reject_media"))?,
        reject_reports: flag("reject_reports", field("reject_reports"))?,
        comment: Some(super::clean_line(field("public_comment"), MAX_REASON))
            .filter(|text| !text.is_empty()),
        obfuscate: flag("obfuscate", field("obfuscate"))?,
    })
}

/// Parses a domain, which may be written as a URL, as the end of a handle, or with an asterisk for its subdomains.
fn host(text: &str) -> Result<Host, String> {
    let bare = text
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .trim_start_matches('@')
        .trim_start_matches("*.")
        .trim_end_matches('/');
    let shown = super::clean_line(text, 60);
    if bare.contains('*') {
        return Err(format!("{shown:?} is obfuscated"));
    }
    let host = Host::parse(bare).map_err(|error| format!("{shown:?}: {error}"))?;
    if host.name().contains('.') {
        Ok(host)
    } else {
        Err(format!("{shown:?} is a whole top-level domain"))
    }
}

fn severity(word: &str) -> Result<ListSeverity, String> {
    match word.to_lowercase().as_str() {
        "" | "suspend" | "suspended" | "block" | "blocked" | "reject" | "defederate" => {
            Ok(ListSeverity::Suspend)
        }
        "silence" | "silenced" | "limit" | "limited" | "mute" | "hold" => Ok(ListSeverity::Silence),
        "noop" | "none" => Ok(ListSeverity::Noop),
        _ => Err(format!(
            "the severity {:?} is not suspend, silence or noop",
            super::clean_line(word, 40)
        )),
    }
}

fn flag(name: &str, word: &str) -> Result<bool, String> {
    match word.to_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "1" => Ok(true),
        "" | "false" | "f" | "no" | "n" | "0" => Ok(false),
        _ => Err(format!(
            "{name} is {:?}, not true or false",
            super::clean_line(word, 40)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Vec<String> {
        let (entries, bad) = parse(text);
        assert_eq!(bad, []);
        entries.iter().map(|entry| entry.host.to_string()).collect()
    }

    #[test]
    fn mastodons_export_is_parsed_and_written_back() {
        let text = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n\
                    bad.example,suspend,false,false,\"spam, \"\"mostly\"\"\",true\n\
                    loud.example,silence,true,false,,false\n\
                    odd.example,noop,false,true,,false\n";
        let (entries, bad) = parse(text);
        assert_eq!(bad, []);
        assert_eq!(entries[0].comment.as_deref(), Some("spam, \"mostly\""));
        assert_eq!(
            (entries[1].severity, entries[1].reject_media),
            (ListSeverity::Silence, true)
        );
        assert_eq!(
            (entries[2].severity, entries[2].reject_reports),
            (ListSeverity::Noop, true)
        );
        assert_eq!(entries[2].line, 4);
        assert_eq!(write(&entries), text);
    }

    #[test]
    fn other_variants_are_parsed() {
        for text in [
            "bad.example\n",
            "\u{FEFF}# a plain list\r\n\r\nBAD.example.\r\n",
            "*.bad.example",
            "https://bad.example/",
            "@bad.example,block",
            "Domain;Severity\nbad.example;Suspend\n",
            "severity,reason,host\nlimited,\"two\nlines\",bad.example\n",
            "domain\tseverity\nbad.example\t\n",
            "bad.example,SUSPEND,TRUE,FALSE,iftas:spam,TRUE",
        ] {
            assert_eq!(hosts(text), ["bad.example"], "{text:?}");
        }
        assert_eq!(hosts("bücher.example"), ["xn--bcher-kva.example"]);
        assert!(hosts("").is_empty() && hosts("#domain,#severity\n").is_empty());
    }

    #[test]
    fn invalid_lines_are_skipped_with_a_reason() {
        let text = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n\
                    a.example,suspend\n\
                    b*d.example,suspend\n\
                    127.0.0.1,suspend\n\
                    com,suspend\n\
                    not a domain\n\
                    c.example,explode\n\
                    d.example,suspend,perhaps\n\
                    e.example,suspend,false,false,\"never closed\n\
                    ,suspend\n\
                    \u{1b}[31m.example,suspend\n\
                    z.example,silence\n";
        let (entries, bad) = parse(text);
        let read: Vec<(usize, String)> = entries
            .iter()
            .map(|e| (e.line, e.host.to_string()))
            .collect();
        assert_eq!(
            read,
            [(2, "a.example".to_owned()), (12, "z.example".to_owned())]
        );
        assert_eq!(
            bad.iter().map(|bad| bad.line).collect::<Vec<_>>(),
            [3, 4, 5, 6, 7, 8, 9, 10, 11]
        );
        assert!(
            bad.iter().all(|bad| !bad.reason.contains('\u{1b}')),
            "{bad:?}"
        );
        assert!(
            bad[0].reason.contains("obfuscated") && bad[6].reason.contains("not closed"),
            "{bad:?}"
        );
    }
}
