//! Guests who wrote imported comments: one for each mail address.

use super::Importer;
use crate::{
    importing::{ImportError, model::ImportedComment},
    store::{GuestFields, Tx},
};
use std::collections::HashMap;

/// The guests that this import met.
#[derive(Default)]
pub(super) struct Guests {
    ids: HashMap<String, i64>,
}

/// Returns what makes two comments those of one guest: the mail address, or else name and website.
pub(super) fn key_of(comment: &ImportedComment) -> String {
    match &comment.author_mail {
        Some(mail) => mail.to_lowercase(),
        None => format!(
            "\n{}\n{}",
            comment.author_name,
            comment.author_url.as_deref().unwrap_or_default()
        ),
    }
}

impl Importer<'_> {
    /// Returns the id of the guest with a key, which [`Importer::find_guests`] found.
    pub(super) fn guest(&self, key: &str) -> Option<i64> {
        self.guests.ids.get(key).copied()
    }

    /// Finds or adds the guests who wrote comments.
    pub(super) async fn find_guests(
        &mut self,
        tx: &mut Tx,
        comments: &[&ImportedComment],
    ) -> Result<(), ImportError> {
        let mut missing: HashMap<String, GuestFields> = HashMap::new();
        for comment in comments {
            let key = key_of(comment);
            if !self.guests.ids.contains_key(&key) {
                missing.entry(key).or_insert_with(|| GuestFields {
                    name: comment.author_name.clone(),
                    mail: comment.author_mail.clone(),
                    site: comment.author_url.clone(),
                });
            }
        }
        let mails: Vec<String> = missing
            .iter()
            .filter(|(_, guest)| guest.mail.is_some())
            .map(|(key, _)| key.clone())
            .collect();
        if !mails.is_empty() {
            for (id, mail) in tx.guests_with_mails(&mails).await? {
                missing.remove(&mail);
                self.guests.ids.insert(mail, id);
            }
        }
        let (keys, guests): (Vec<String>, Vec<GuestFields>) = missing.into_iter().unzip();
        let ids = match self.options.is_dry_run {
            true => keys.iter().map(|_| self.index.fake_id()).collect(),
            false => tx.add_guests(&guests).await?,
        };
        self.guests.ids.extend(keys.into_iter().zip(ids));
        Ok(())
    }
}
