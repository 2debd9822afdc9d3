//! Exponential back-off.

/// Waits between attempts that grow by a factor up to a maximum.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// The wait after the first failure, in milliseconds.
    pub first: f64,
    /// The factor from one wait to the next; at least 1.
    pub growth: f64,
    /// The longest wait, in milliseconds.
    pub longest: f64,
}

impl Backoff {
    /// Returns the wait after so many failures before the last one, in milliseconds.
    pub fn wait(&self, failures: i64) -> f64 {
        let exponent = failures.clamp(0, 1000) as i32;
        (self.first * self.growth.powi(exponent)).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_the_longest() {
        let backoff = Backoff {
            first: 60_000.0,
            growth: 3.0,
            longest: 1_000_000.0,
        };
        let waits = [-1, 0, 1, 2, 3, 5000].map(|failures| backoff.wait(failures));
        assert_eq!(
            waits,
            [
                60_000.0,
                60_000.0,
                180_000.0,
                540_000.0,
                1_000_000.0,
                1_000_000.0
            ]
        );
    }
}
