//! The addresses at which the other software described itself (NodeInfo): servers that know them ask there.

use super::{
    error::AdoptionError,
    export::{Export, Software},
};
use crate::store::Tx;

/// The descriptions here.
const VERSION_2_0: &str = "/nodeinfo/2.0";
const VERSION_2_1: &str = "/nodeinfo/2.1";

/// Lets the addresses of the other software's descriptions lead to ours.
pub(super) async fn adopt(tx: &mut Tx, export: &Export) -> Result<(), AdoptionError> {
    for (address, path) in addresses(export.software) {
        if let Ok(url) = export.site.join(address) {
            tx.add_address(url.as_str(), path).await?;
        }
    }
    Ok(())
}

/// Returns the addresses, relative to the front page, with the paths here.
fn addresses(software: Software) -> &'static [(&'static str, &'static str)] {
    match software {
        Software::WordPress => &[
            ("wp-json/activitypub/1.0/nodeinfo", VERSION_2_0),
            ("wp-json/activitypub/1.0/nodeinfo/2.0", VERSION_2_0),
            ("wp-json/activitypub/1.0/nodeinfo/2.1", VERSION_2_1),
            ("?rest_route=/activitypub/1.0/nodeinfo", VERSION_2_0),
            ("?rest_route=/activitypub/1.0/nodeinfo/2.0", VERSION_2_0),
            ("?rest_route=/activitypub/1.0/nodeinfo/2.1", VERSION_2_1),
        ],
        Software::Ghost => &[("/.ghost/activitypub/nodeinfo/2.1", VERSION_2_1)],
        Software::WriteFreely => &[("/api/nodeinfo", VERSION_2_0)],
    }
}
