//! The result of the checks, for people and for scripts.

use super::codes;
use crate::cli::common::output;
use anyhow::Result;
use serde_json::{Value, json};

/// The maximum number of findings of one kind to print.
const LINES: usize = 20;
/// The maximum length of a printed line, in characters.
const WIDTH: usize = 400;

/// A fault that a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// A code of [`codes`], which never changes.
    pub(super) code: &'static str,
    pub(super) what: String,
    /// The line that mends it.
    pub(super) mend: String,
}

/// The result of one check.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) name: &'static str,
    /// The summary, in one sentence.
    text: String,
    findings: Vec<Finding>,
    /// The reason for which the check could not be made.
    skipped: Option<String>,
}

impl Check {
    /// Begins a check, with the sentence that is true if nothing is found.
    pub(super) fn new(name: &'static str, well: impl Into<String>) -> Self {
        Check {
            name,
            text: well.into(),
            findings: Vec::new(),
            skipped: None,
        }
    }

    /// Returns a check that could not be made.
    pub(super) fn skipped(name: &'static str, reason: impl Into<String>) -> Self {
        Check {
            skipped: Some(reason.into()),
            ..Check::new(name, "")
        }
    }

    /// Returns a check whose findings all have one code and one remedy.
    pub(super) fn of(
        name: &'static str,
        code: &'static str,
        well: &str,
        problems: Vec<String>,
        mend: &str,
    ) -> Self {
        let mut check = Check::new(name, well);
        for what in problems {
            check.find(code, what, mend);
        }
        check
    }

    pub(super) fn find(
        &mut self,
        code: &'static str,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.findings.push(Finding {
            code,
            what: what.into(),
            mend: mend.into(),
        });
    }

    pub(super) fn extend(&mut self, findings: Vec<Finding>) {
        self.findings.extend(findings);
    }

    pub(super) fn is_well(&self) -> bool {
        self.findings.is_empty()
    }

    /// Replaces the summary if there are findings.
    pub(super) fn or(mut self, text: impl FnOnce(usize) -> String) -> Self {
        if !self.is_well() {
            self.text = text(self.findings.len());
        }
        self
    }

    pub(super) fn to_json(&self) -> Value {
        let findings = self.findings.iter();
        let problems = findings.clone().map(|it| {
            json!({"code": it.code, "what": it.what, "why": codes::why(it.code), "mend": it.mend})
        });
        json!({
            "check": self.name,
            "ok": self.is_well(),
            "text": self.text,
            "findings": findings.map(|it| &it.what).collect::<Vec<_>>(),
            "problems": problems.collect::<Vec<_>>(),
            "skipped": self.skipped,
        })
    }

    pub(super) fn print(&self) -> Result<()> {
        let shown = |text: &str| output::one_line(text, WIDTH);
        if let Some(reason) = &self.skipped {
            return output::line(&format!("skip   {}: {}", self.name, shown(reason)));
        }
        let mark = if self.is_well() { "ok   " } else { "WRONG" };
        output::line(&format!("{mark}  {}", shown(&self.text)))?;
        let same = |a: &Finding, b: &Finding| a.code == b.code && a.mend == b.mend;
        for group in self.findings.chunk_by(same) {
            for finding in group.iter().take(LINES) {
                output::line(&format!("         {}", shown(&finding.what)))?;
            }
            if group.len() > LINES {
                output::line(&format!("         and {} more", group.len() - LINES))?;
            }
            output::line(&format!(
                "       ({}) {}",
                group[0].code,
                codes::why(group[0].code)
            ))?;
            for line in group[0].mend.lines() {
                output::line(&format!("       -> {}", shown(line)))?;
            }
        }
        Ok(())
    }
}
