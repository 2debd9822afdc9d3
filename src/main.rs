//! Parses the command line, runs it, and turns an error into a message and an exit code.

use clap::Parser;
use pamphlet::cli::{self, Cli};
use std::process::ExitCode;

/// The C library's allocator keeps what a burst of work took: a node after 10,000 follows had 160 MB.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A mistake on the command line ends here, with exit code 2.
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(cli::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    if error.is::<cli::Logged>() {
        return ExitCode::FAILURE;
    }
    eprintln!("pamphlet: {error:#}");
    ExitCode::FAILURE
}
