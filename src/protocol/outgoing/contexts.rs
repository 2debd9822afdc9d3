//! The JSON-LD contexts of our documents.

use serde_json::{Value, json};

/// Returns the `@context` of our articles and notes, and of activities with one, which may have pictures.
pub(crate) fn post_context() -> Value {
    let mut context = context();
    if let Some(terms) = context[2].as_object_mut() {
        terms.insert("blurhash".into(), json!("toot:blurhash"));
        let focal_point = json!({"@id": "toot:focalPoint", "@container": "@list"});
        terms.insert("focalPoint".into(), focal_point);
    }
    context
}

/// Returns the `@context` of our other activities. It is small, because a response must not exceed the size allowed for
/// an inbox elsewhere.
pub(crate) fn context() -> Value {
    json!([
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/data-integrity/v1",
        {
            "toot": "http://joinmastodon.org/ns#",
            "gts": "https://gotosocial.org/ns#",
            "sensitive": "as:sensitive",
            "Hashtag": "as:Hashtag",
            "commentsEnabled": "http://joinpeertube.org/ns#commentsEnabled",
            "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
            "canReply": {"@id": "gts:canReply", "@type": "@id"},
            "canLike": {"@id": "gts:canLike", "@type": "@id"},
            "canAnnounce": {"@id": "gts:canAnnounce", "@type": "@id"},
            "canQuote": {"@id": "gts:canQuote", "@type": "@id"},
            "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
            "manualApproval": {"@id": "gts:manualApproval", "@type": "@id"}
        }
    ])
}

/// Returns the `@context` of our actors.
pub(crate) fn actor_context() -> Value {
    json!([
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/v1",
        "https://w3id.org/security/data-integrity/v1",
        {
            "toot": "http://joinmastodon.org/ns#",
            "schema": "http://schema.org#",
            "PropertyValue": "schema:PropertyValue",
            "value": "schema:value",
            "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
            "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
            "movedTo": {"@id": "as:movedTo", "@type": "@id"},
            "featured": {"@id": "toot:featured", "@type": "@id"},
            "featuredTags": {"@id": "toot:featuredTags", "@type": "@id"},
            "gts": "https://gotosocial.org/ns#",
            "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
            "canFeature": {"@id": "https://w3id.org/fep/7aa9#canFeature", "@type": "@id"},
            "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
            "manualApproval": {"@id": "gts:manualApproval", "@type": "@id"},
            "discoverable": "toot:discoverable",
            "indexable": "toot:indexable",
            "attributionDomains": {"@id": "toot:attributionDomains", "@type": "@id"},
            "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
            "Multikey": "https://w3id.org/security#Multikey",
            "controller": {"@id": "https://w3id.org/security#controller", "@type": "@id"},
            "assertionMethod": {"@id": "https://w3id.org/security#assertionMethod", "@type": "@id", "@container": "@set"},
            "publicKeyMultibase": "https://w3id.org/security#publicKeyMultibase"
        }
    ])
}

/// Returns the `@context` of an authorization to feature an actor (FEP-7aa9).
pub(crate) fn feature_context() -> Value {
    authorization_context(json!({
        "FeatureAuthorization": "https://w3id.org/fep/7aa9#FeatureAuthorization",
    }))
}

/// Returns the `@context` of requests for approval of replies, likes and boosts, and of the authorizations.
pub(crate) fn approval_context() -> Value {
    authorization_context(json!({
        "ReplyRequest": "gts:ReplyRequest",
        "LikeRequest": "gts:LikeRequest",
        "AnnounceRequest": "gts:AnnounceRequest",
        "ReplyAuthorization": "gts:ReplyAuthorization",
        "LikeAuthorization": "gts:LikeAuthorization",
        "AnnounceAuthorization": "gts:AnnounceAuthorization",
    }))
}

/// Returns a context with these types and the properties of all authorizations.
fn authorization_context(types: Value) -> Value {
    let mut terms = json!({
        "gts": "https://gotosocial.org/ns#",
        "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
        "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"},
    });
    if let (Some(terms), Value::Object(types)) = (terms.as_object_mut(), types) {
        terms.extend(types);
    }
    json!(["https://www.w3.org/ns/activitystreams", terms])
}

/// Returns the `@context` of requests and authorizations of quotes (FEP-044f).
pub(crate) fn quote_context() -> Value {
    json!([
        "https://www.w3.org/ns/activitystreams",
        {
            "gts": "https://gotosocial.org/ns#",
            "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
            "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
            "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
            "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"}
        }
    ])
}
