//! The program: an allocator, and the command line of the library.

use std::process::ExitCode;

/// The C library's allocator does not return the memory of a burst of work: after 10,000 follows, a node used 160 MB.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // With transparent huge pages, of which most stay empty, an idle node took 90 MB instead of 60. Only an old kernel
    // refuses.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    pamphlet::cli::main()
}
