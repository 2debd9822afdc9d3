//! Parses WebFinger responses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pamphlet::entry_points::{Handle, webfinger_response};
use pamphlet_fuzz::assert_canonical;

fuzz_target!(|data: &[u8]| {
    let Some(found) = webfinger_response(data) else {
        return;
    };
    assert_canonical(found.actor.as_str());
    if let Some(subject) = found.subject {
        for text in [subject.to_string(), subject.to_acct()] {
            let again = text.parse::<Handle>();
            assert_eq!(again.as_ref(), Ok(&subject), "{text:?}");
        }
    }
});
