//! The `[media]` table: where pictures, audio and video files are, and how large they may be.

use super::ConfigError;
use crate::media::{self, Bucket};
use serde::Deserialize;

const MIB: u64 = 1024 * 1024;

/// Pictures, audio and video files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Media {
    pub store: MediaStore,
    /// The address of an S3 service other than Amazon's.
    pub endpoint: Option<String>,
    pub region: Option<String>,
    pub access_key_id: Option<String>,
    pub secret_access_key: Option<String>,
    /// Only from the environment.
    #[serde(skip)]
    pub session_token: Option<String>,
    pub picture_megabytes: u64,
    pub picture_megapixels: u64,
    pub decoding_megabytes: u64,
    pub file_megabytes: u64,
}

/// The place of the files.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum MediaStore {
    /// The folder `media` of the data folder.
    Folder,
    /// A bucket of an S3 service.
    Bucket { name: String, prefix: String },
}

impl TryFrom<String> for MediaStore {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "folder" {
            return Ok(MediaStore::Folder);
        }
        let (name, prefix) = match text.strip_prefix("s3://") {
            Some(rest) => rest.split_once('/').unwrap_or((rest, "")),
            None => ("", ""),
        };
        if name.is_empty() || text.contains(char::is_whitespace) {
            return Err(format!(
                "{text:?} is neither \"folder\" nor \"s3://BUCKET/PREFIX\""
            ));
        }
        Ok(MediaStore::Bucket {
            name: name.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
        })
    }
}

impl Default for Media {
    fn default() -> Self {
        Media {
            store: MediaStore::Folder,
            endpoint: None,
            region: None,
            access_key_id: None,
            secret_access_key: None,
            session_token: None,
            picture_megabytes: 50,
            picture_megapixels: 50,
            decoding_megabytes: 512,
            file_megabytes: 1024,
        }
    }
}

impl Media {
    /// Returns the settings with those of the environment, which override them. The keys may have Amazon's names.
    pub(super) fn with_environment(
        self,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let store = match env("PAMPHLET_MEDIA_STORE") {
            Some(text) => MediaStore::try_from(text.clone()).map_err(|_| ConfigError::Value {
                name: "PAMPHLET_MEDIA_STORE",
                value: text,
                expected: "it must be \"folder\" or \"s3://BUCKET/PREFIX\"",
            })?,
            None => self.store,
        };
        Ok(Media {
            store,
            endpoint: env("PAMPHLET_MEDIA_ENDPOINT").or(self.endpoint),
            region: env("PAMPHLET_MEDIA_REGION")
                .or(self.region)
                .or_else(|| env("AWS_REGION")),
            access_key_id: env("PAMPHLET_MEDIA_ACCESS_KEY_ID")
                .or(self.access_key_id)
                .or_else(|| env("AWS_ACCESS_KEY_ID")),
            secret_access_key: env("PAMPHLET_MEDIA_SECRET_ACCESS_KEY")
                .or(self.secret_access_key)
                .or_else(|| env("AWS_SECRET_ACCESS_KEY")),
            session_token: env("AWS_SESSION_TOKEN"),
            ..self
        })
    }

    /// Returns the limits for files that are taken in.
    pub fn limits(&self) -> media::Limits {
        media::Limits {
            picture_bytes: self.picture_megabytes.saturating_mul(MIB),
            pixels: self.picture_megapixels.saturating_mul(1_000_000),
            memory: self.decoding_megabytes.saturating_mul(MIB),
            file_bytes: self.file_megabytes.saturating_mul(MIB),
        }
    }

    /// Returns the bucket, if the files are in one.
    pub fn bucket(&self) -> Option<Bucket> {
        let MediaStore::Bucket { name, prefix } = &self.store else {
            return None;
        };
        Some(Bucket {
            name: name.clone(),
            prefix: prefix.clone(),
            endpoint: self.endpoint.clone(),
            region: self.region.clone(),
            access_key_id: self.access_key_id.clone(),
            secret_access_key: self.secret_access_key.clone(),
            session_token: self.session_token.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_has_a_name_and_perhaps_a_prefix() {
        let bucket = |name: &str, prefix: &str| MediaStore::Bucket {
            name: name.into(),
            prefix: prefix.into(),
        };
        for (text, expected) in [
            ("folder", Some(MediaStore::Folder)),
            ("s3://files", Some(bucket("files", ""))),
            ("s3://files/a/b/", Some(bucket("files", "a/b"))),
            ("s3:///a", None),
            ("https://files", None),
            ("", None),
        ] {
            assert_eq!(
                MediaStore::try_from(text.to_owned()).ok(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn the_environment_overrides_the_file_but_amazons_names_do_not() {
        let media = Media {
            access_key_id: Some("file".into()),
            ..Media::default()
        };
        let env = |name: &str| match name {
            "PAMPHLET_MEDIA_STORE" => Some("s3://files".into()),
            "AWS_ACCESS_KEY_ID" => Some("amazon".into()),
            "AWS_SECRET_ACCESS_KEY" => Some("secret".into()),
            _ => None,
        };
        let bucket = media.with_environment(&env).unwrap().bucket().unwrap();
        assert_eq!(bucket.name, "files");
        assert_eq!(bucket.access_key_id.as_deref(), Some("file"));
        assert_eq!(bucket.secret_access_key.as_deref(), Some("secret"));
    }
}
