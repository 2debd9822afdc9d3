//! Parses JSON, and reads it as each kind of remote document.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pamphlet::entry_points::{Activity, ActorDocument, CollectionItems, Object, check_json_ld, parse_json};
use pamphlet_fuzz::assert_canonical;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Ok(value) = parse_json(data) else { return };
    let written = serde_json::to_vec(&value).expect("a value can be written");
    assert_eq!(
        parse_json(&written).expect("what was written can be read"),
        value
    );
    let _ = check_json_ld(&value);
    let _ = CollectionItems::read(&value);
    read_actor(&value);
    read_object(&value);
    read_activity(&value);
});

fn read_actor(value: &Value) {
    if let Ok(actor) = serde_json::from_value::<ActorDocument>(value.clone()) {
        let _ = (
            actor.name(),
            actor.icon_url(),
            actor.shared_inbox(),
            actor.keys(),
        );
        actor.custom_emoji().for_each(drop);
        actor.id.iter().for_each(|id| assert_canonical(id));
    }
}

fn read_object(value: &Value) {
    let Some(object) = Object::read(value.clone()) else {
        return;
    };
    let _ = (
        object.texts(),
        object.attachments(),
        object.poll(),
        object.quoted(),
    );
    object.custom_emoji().for_each(drop);
    object.tags().for_each(drop);
    assert!(!(object.is_public() && object.is_restricted()), "{value}");
    object.id.iter().for_each(|id| assert_canonical(id));
}

fn read_activity(value: &Value) {
    let Some(activity) = Activity::read(value.clone()) else {
        return;
    };
    let _ = (activity.reaction(), activity.is_unattributed());
    activity.custom_emoji().for_each(drop);
    if let Some(mut object) = activity.object.as_object() {
        object.inherit_from(&activity);
    }
    let _ = activity.object.as_activity();
    activity
        .object
        .id()
        .iter()
        .for_each(|id| assert_canonical(id));
}
