//! The program: an allocator, and the command line of the library.

use std::process::ExitCode;

/// The C library's allocator keeps what a burst of work took: a node after 10,000 follows had 160 MB.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pamphlet::cli::main()
}
