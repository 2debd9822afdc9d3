//! What needs the admin's attention, each with the command that mends it.

use super::{disk::bytes, overview::State, running::Web};
use crate::{cli::common::output::counted, node::Node};

/// Something that needs attention.
pub(super) struct Warning {
    /// A name for scripts, which never changes.
    pub(super) code: &'static str,
    pub(super) text: String,
    pub(super) command: &'static str,
}

/// Returns the warnings, the most important first.
pub(super) fn of(node: &Node, state: &State) -> Vec<Warning> {
    let (overview, running) = (&state.overview, &state.running);
    let mut warnings = Vec::new();
    let mut warn = |is_true: bool, code, text: String, command| {
        if is_true {
            warnings.push(Warning {
                code,
                text,
                command,
            });
        }
    };
    warn(
        node.closing().is_some(),
        "closed",
        "the publication is closed: every address responds with 410".to_owned(),
        "pamphlet publication close --status",
    );
    let is_silent = !matches!(running.web, Web::Running(_));
    warn(
        running.workers.is_empty(),
        "no-worker",
        "nothing is published or delivered".to_owned(),
        if is_silent {
            "pamphlet serve"
        } else {
            "pamphlet worker"
        },
    );
    warn(
        is_silent && !running.workers.is_empty(),
        "no-web",
        "the web server does not answer here".to_owned(),
        "pamphlet doctor",
    );
    warn(
        state.hold.is_some(),
        "deliveries-held",
        "all deliveries are held".to_owned(),
        "pamphlet deliveries resume",
    );
    let other = running.other_version().unwrap_or_default();
    warn(
        !other.is_empty(),
        "other-version",
        format!("the running node is version {other}"),
        "restart it",
    );
    let low = state.space.filter(|space| space.is_low());
    let free = low.map_or(0, |space| space.free);
    warn(
        low.is_some(),
        "disk",
        format!("only {} are free", bytes(free)),
        "pamphlet media gc",
    );
    warn(
        node.config.development && !node.config.listen.ip().is_loopback(),
        "development",
        "development mode on a public address".to_owned(),
        "set development = false",
    );
    warn(
        overview.held > 0,
        "held-comments",
        format!("{} for your decision", waits(overview.held, "comment")),
        "pamphlet comments list --state held",
    );
    warn(
        overview.requests > 0,
        "follow-requests",
        format!(
            "{} for your decision",
            waits(overview.requests, "follow request")
        ),
        "pamphlet followers requests",
    );
    warn(
        overview.failing > 0,
        "failing-servers",
        format!("{} not reached at present", are(overview.failing, "server")),
        "pamphlet deliveries status",
    );
    warn(
        overview.dead > 0,
        "dead-servers",
        format!("{} not reached for a week", were(overview.dead, "server")),
        "pamphlet deliveries status",
    );
    warn(
        overview.refused > 0,
        "refused-deliveries",
        format!("{} refused this week", were(overview.refused, "delivery")),
        "pamphlet deliveries refused",
    );
    warn(
        overview.failed_messages > 0,
        "failed-messages",
        format!("{} not sent", could(overview.failed_messages)),
        "pamphlet mail list --failed",
    );
    warnings
}

fn number(count: i64, noun: &str) -> String {
    match (count, noun) {
        (2.., "delivery") => format!("{count} deliveries"),
        _ => counted(usize::try_from(count).unwrap_or_default(), noun),
    }
}

fn waits(count: i64, noun: &str) -> String {
    let verb = if count == 1 { "waits" } else { "wait" };
    format!("{} {verb}", number(count, noun))
}

fn are(count: i64, noun: &str) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb}", number(count, noun))
}

fn were(count: i64, noun: &str) -> String {
    let verb = if count == 1 { "was" } else { "were" };
    format!("{} {verb}", number(count, noun))
}

fn could(count: i64) -> String {
    format!("{} could", number(count, "mail or webhook call"))
}
