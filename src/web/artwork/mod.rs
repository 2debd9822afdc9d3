//! Pictures that the node draws: the site's icons, and cards for link previews.

mod cards;
mod icons;

pub(super) use cards::{Cards, NoCard, card_of_article, card_of_site};
pub(super) use icons::SiteIcons;
