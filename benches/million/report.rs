//! The table of times, and the statements that stand out.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// How many of the slowest statements are printed.
const SLOWEST: usize = 25;

#[derive(Default)]
pub(crate) struct Report {
    /// The names in the order of their measurement.
    names: Vec<String>,
    /// A column for each size: milliseconds by name.
    columns: Vec<BTreeMap<String, f64>>,
    statements: Vec<BTreeMap<String, f64>>,
    findings: BTreeSet<String>,
}

impl Report {
    /// Begins the column of a size.
    pub(crate) fn begin_column(&mut self) {
        self.columns.push(BTreeMap::new());
    }

    pub(crate) fn add(&mut self, name: &str, time: Duration) {
        let milliseconds = time.as_secs_f64() * 1000.0;
        println!("  {milliseconds:9.1} ms  {name}");
        if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
        if let Some(column) = self.columns.last_mut() {
            column.insert(name.to_owned(), milliseconds);
        }
    }

    pub(crate) fn add_statements(&mut self, statements: BTreeMap<String, f64>) {
        self.statements.push(statements);
    }

    /// Keeps the findings of the largest size, which is measured last.
    pub(crate) fn set_findings(&mut self, findings: BTreeSet<String>) {
        self.findings = findings;
    }

    pub(crate) fn print(&self) {
        println!("\n{:>12} {:>12} {:>8}", "a hundredth", "full", "times");
        let none = BTreeMap::new();
        let [small, full] = [0, 1].map(|index| self.columns.get(index).unwrap_or(&none));
        for name in &self.names {
            let time =
                |column: &BTreeMap<String, f64>| column.get(name).copied().unwrap_or(f64::NAN);
            print_row(time(small), time(full), name);
        }
        println!("\nThe slowest statements, of the node and of commands:");
        let [small, full] = [0, 1].map(|index| self.statements.get(index).unwrap_or(&none));
        let mut slowest: Vec<(&String, &f64)> = full.iter().collect();
        slowest.sort_by(|one, other| other.1.total_cmp(one.1));
        for (statement, time) in slowest.into_iter().take(SLOWEST) {
            let before = small.get(statement).copied().unwrap_or(f64::NAN);
            print_row(before, *time, statement);
        }
        println!(
            "\nPlans that read or sort a large table: {}",
            self.findings.len()
        );
        for finding in &self.findings {
            println!("  {finding}");
        }
    }
}

fn print_row(small: f64, full: f64, name: &str) {
    println!("{small:9.1} ms {full:9.1} ms {:8.1}  {name}", full / small);
}
