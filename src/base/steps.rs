//! The steps of a decision, for a command that explains it. Code notes them where it decides; without a recorder a note
//! costs nothing.

use std::sync::{Arc, Mutex};

/// A step of a decision, and its result in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// A short name, which scripts rely on.
    pub(crate) name: &'static str,
    pub(crate) text: String,
}

tokio::task_local! {
    static RECORDER: Arc<Mutex<Vec<Step>>>;
}

/// Runs work, and returns the steps that it noted in its own task.
pub(crate) async fn recorded<T>(work: impl Future<Output = T>) -> (T, Vec<Step>) {
    let steps = Arc::<Mutex<Vec<Step>>>::default();
    let outcome = RECORDER.scope(steps.clone(), work).await;
    let noted = steps.lock().map(|noted| noted.clone()).unwrap_or_default();
    (outcome, noted)
}

/// Notes a step, if somebody records.
pub(crate) fn note(name: &'static str, text: impl FnOnce() -> String) {
    let _ = RECORDER.try_with(|steps| {
        if let Ok(mut steps) = steps.lock() {
            steps.push(Step { name, text: text() });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn steps_are_recorded_in_their_order_and_only_inside() {
        note("before", || panic!("nobody records"));
        let ((), steps) = recorded(async {
            note("first", || "1".into());
            tokio::task::yield_now().await;
            note("second", || "2".into());
        })
        .await;
        let names: Vec<_> = steps.iter().map(|step| step.name).collect();
        assert_eq!(names, ["first", "second"]);
    }
}
