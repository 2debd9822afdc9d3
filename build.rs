//! Passes the current commit to the compiler, for `pamphlet --version`.

use std::{path::Path, process::Command};

/// The log of HEAD, which changes with every commit.
const LOG: &str = ".git/logs/HEAD";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // `sqlx::migrate!` embeds the migrations, and cargo does not notice a new file by itself.
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=locales");
    if Path::new(LOG).exists() {
        println!("cargo:rerun-if-changed={LOG}");
    }
    let commit = Command::new("git")
        .args(["rev-parse", "--short", "HEAD"])
        .output()
        .ok()
        .filter(|output| output.status.success())
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map(|commit| format!(" ({})", commit.trim()))
        .unwrap_or_default();
    println!("cargo:rustc-env=PAMPHLET_COMMIT={commit}");
}
