//! The hosts where the publication was before: they still lead here, and ids on them are ours.

use crate::store::database::{Conn, Result, Tx};

/// The setting with the hosts, one in each line.
const SETTING: &str = "former_hosts";

impl Conn {
    /// Returns the former hosts in the form of `protocol::address_host`. A running node reads them when it starts.
    pub async fn former_hosts(&mut self) -> Result<Vec<String>> {
        let hosts = self.setting(SETTING).await?.unwrap_or_default();
        Ok(hosts.lines().map(str::to_owned).collect())
    }
}

impl Tx {
    /// Adds a host where the publication was before, with a port if it had one.
    pub async fn add_former_host(&mut self, host: &str) -> Result<()> {
        let mut hosts = self.former_hosts().await?;
        let host = host.to_ascii_lowercase();
        if !hosts.contains(&host) {
            hosts.push(host);
            self.set_setting(SETTING, &hosts.join("\n")).await?;
        }
        Ok(())
    }

    /// Removes a former host, for instance because the publication returned to it.
    pub async fn remove_former_host(&mut self, host: &str) -> Result<()> {
        let mut hosts = self.former_hosts().await?;
        hosts.retain(|known| !known.eq_ignore_ascii_case(host));
        self.set_setting(SETTING, &hosts.join("\n")).await
    }
}
