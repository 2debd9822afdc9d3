//! The program: an allocator, and the command line of the library.

use std::process::ExitCode;

/// The C library's allocator does not return the memory of a burst of work: after 10,000 follows, a node used 160 MB.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pamphlet::cli::main()
}
