//! Addresses as others know them, and the paths here that they stand for.

use crate::{
    protocol::{AddressCandidate, address_key},
    store::database::{Conn, Result, Tx, execute, fetch_all, fetch_scalars, to_json},
};

impl Conn {
    /// Returns the path that the first known one of these addresses stands for, with the parameters that are left.
    pub(crate) async fn path_at(
        &mut self,
        candidates: &[AddressCandidate],
    ) -> Result<Option<String>> {
        if candidates.is_empty() {
            return Ok(None);
        }
        let keys: Vec<&str> = candidates.iter().map(|it| it.key.as_str()).collect();
        let found: Vec<(String, String)> = fetch_all!(
            self,
            texts(
                "SELECT address, path FROM addresses WHERE address IN ",
                "$1",
                ""
            ),
            to_json(&keys)
        )?;
        let known = candidates.iter().find_map(|candidate| {
            let row = found.iter().find(|(address, _)| *address == candidate.key);
            row.map(|(_, path)| (path, &candidate.rest))
        });
        Ok(known.map(|(path, rest)| {
            let (path, fragment) = path.split_once('#').unwrap_or((path, ""));
            let fragment = match fragment {
                "" => String::new(),
                fragment => format!("#{fragment}"),
            };
            match (rest.as_str(), path.contains('?')) {
                ("", _) => format!("{path}{fragment}"),
                (rest, true) => format!("{path}&{rest}{fragment}"),
                (rest, false) => format!("{path}?{rest}{fragment}"),
            }
        }))
    }

    /// Returns the addresses that stand for a path.
    pub async fn addresses_of(&mut self, path: &str) -> Result<Vec<String>> {
        fetch_scalars!(
            self,
            "SELECT address FROM addresses WHERE path = $1 ORDER BY address",
            path
        )
    }
}

impl Tx {
    /// Stores that an address stands for a path here, in place of what it stood for before. The address is a path with a
    /// query on our host (`/?author=1`), or a URL on any host of ours. The path may have a fragment (`/articles/UID#comment-5`).
    /// A text that is no address, and a path that does not begin with a slash, are ignored.
    pub async fn add_address(&mut self, address: &str, path: &str) -> Result<()> {
        let Some(key) = address_key(address).filter(|_| path.starts_with('/')) else {
            return Ok(());
        };
        execute!(
            self,
            "INSERT INTO addresses (address, path) VALUES ($1, $2)
             ON CONFLICT (address) DO UPDATE SET path = excluded.path",
            key,
            path
        )?;
        Ok(())
    }

    /// Deletes an address, so that it means again what it means without one.
    pub async fn remove_address(&mut self, address: &str) -> Result<()> {
        if let Some(key) = address_key(address) {
            execute!(self, "DELETE FROM addresses WHERE address = $1", key)?;
        }
        Ok(())
    }
}
