//! The space on the disk.

use std::path::Path;

/// The space of the file system that has a folder, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Space {
    pub(super) free: u64,
    pub(super) total: u64,
}

impl Space {
    /// Returns the space where a folder is; `None` if that can't be found out.
    pub(super) fn of(folder: &Path) -> Option<Space> {
        let found = rustix::fs::statvfs(folder).ok()?;
        Some(Space {
            free: found.f_bavail.saturating_mul(found.f_frsize),
            total: found.f_blocks.saturating_mul(found.f_frsize),
        })
    }

    /// Returns whether little is left: less than 5 percent, and less than 2 GB.
    pub(super) fn is_low(self) -> bool {
        self.free < self.total / 20 && self.free < 2_000_000_000
    }
}

/// Formats a number of bytes for people.
pub(super) fn bytes(count: u64) -> String {
    let mut value = count as f64;
    for unit in ["bytes", "kB", "MB", "GB"] {
        if value < 1000.0 {
            return match unit {
                "bytes" => format!("{count} bytes"),
                _ if value < 10.0 => format!("{value:.1} {unit}"),
                _ => format!("{value:.0} {unit}"),
            };
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (count, text) in [
            (12, "12 bytes"),
            (1_234, "1.2 kB"),
            (56_789_000, "57 MB"),
            (4_200_000_000_000, "4.2 TB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }
}
