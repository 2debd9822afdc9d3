//! Actors, local and remote: profiles, keys, handles, followers and mentions.

mod addresses;
mod follower_digests;
mod followers;
mod handles;
mod key_failures;
mod local_actors;
mod local_keys;
mod mentions;
mod new_actors;
mod pictures;
mod remote_actors;
mod remote_keys;
mod retired_names;

pub use addresses::ActorAddresses;
pub use follower_digests::FollowerDigest;
pub use followers::{Follower, FollowerAddress, FollowerState, NewFollow, StoredFollow};
pub use key_failures::KeyFailure;
pub use local_actors::{ActorKind, LocalActorRow};
pub use local_keys::{KeyAnnouncement, StoredKey};
pub use new_actors::{ActorToStore, StoredActors};
pub use pictures::{ActorPictures, CommentPictures, PictureOwner, ReactionPicture};
pub use remote_actors::{NewRemoteActor, RemoteActorRow};
pub use remote_keys::{KeyPurpose, RemoteKey};
