//! A batch of deliveries to one destination: sends them in order until the batch is complete or the destination fails.

use super::{
    Worker,
    activity_cache::PreparedActivity,
    followers_digest::Digests,
    key_choice::{KeyCandidates, KeyChoice},
    outcome::{MAX_ATTEMPTS, Outcome},
};
use crate::{
    federation::remote::{fetch, fetch_error::shown},
    node::{NodeError, events::DeliveryEvent, local_actors::LocalActor},
    store::{
        self, BatchResult, Deferral, Destination, DestinationHealth, DestinationState, DueDelivery,
        KeyAnnouncement, NewNotice, NoticeKind, StoreError,
    },
};
use metrics::{counter, histogram};
use std::{collections::HashMap, sync::Arc, time::Instant};
use url::Url;

/// How long a follower's own inbox must respond with 404 or 410 before the follower is removed, in milliseconds.
const GONE_AFTER: i64 = 3 * DAY;
const DAY: i64 = 24 * 60 * 60 * 1000;
/// The reason shown for an activity that was not sent.
const KNOWN_TOO_LARGE: &str = "not sent: it answered 413 to a smaller one";
/// The HTTP status of an activity that is too large, sent or not.
const TOO_LARGE: u16 = 413;

/// The next deliveries to one destination.
pub(super) struct Batch {
    pub worker: Arc<Worker>,
    pub destination: Destination,
    pub deliveries: Vec<DueDelivery>,
    pub digests: Digests,
    /// The senders of these activities by row id, with their current keys.
    pub senders: Arc<HashMap<i64, Arc<LocalActor>>>,
    /// Whether this destination has accepted new keys of local actors, by the `Update` that announced them.
    pub handovers: HashMap<i64, KeyAnnouncement>,
}

/// The results of a batch so far.
#[derive(Default)]
struct Progress {
    /// Whether an activity was accepted.
    accepted: bool,
    /// The reason why the last activity was not accepted.
    refusal: Option<String>,
    delivered: Vec<i64>,
    refused: Vec<(i64, Option<u16>, String)>,
    deferred: Vec<Deferral>,
    handovers: Vec<i64>,
    /// The time before which nothing more is sent about an object, by object id or activity uid.
    held: HashMap<String, i64>,
}

impl Progress {
    fn refuse(&mut self, delivery: i64, status: u16, reason: String) {
        self.refusal = Some(reason.clone());
        self.refused.push((delivery, Some(status), reason));
    }

    fn defer(&mut self, delivery: i64, until: i64, failure: Option<(u16, String)>) {
        self.deferred.push(Deferral {
            delivery,
            until,
            failure,
        });
    }

    /// Defers the activities that follow this one: no `Update` may overtake its `Create`.
    fn hold(&mut self, prepared: &PreparedActivity, until: i64) {
        self.held.insert(prepared.object_uri.clone(), until);
        self.held.insert(prepared.uid.clone(), until);
    }

    /// Returns the time before which an activity must wait for an earlier one.
    fn held_until(&self, prepared: &PreparedActivity) -> Option<i64> {
        // An `Undo` has the id of the undone activity as its object, which ends in its uid.
        let uid = prepared.object_uri.rsplit('/').next().unwrap_or_default();
        let held = [prepared.object_uri.as_str(), uid].map(|name| self.held.get(name));
        held.into_iter().flatten().max().copied()
    }

    fn verdict(&mut self) -> DestinationHealth {
        match (self.accepted, self.refusal.take()) {
            (true, _) => DestinationHealth::Healthy,
            (false, Some(error)) => DestinationHealth::Refusing { error },
            (false, None) => DestinationHealth::Unknown,
        }
    }
}

impl Batch {
    /// Sends the batch, and passes the result to the result writer.
    pub(super) async fn run(mut self) {
        let mut progress = Progress::default();
        let verdict = match self.deliver(&mut progress).await {
            Ok(verdict) => verdict,
            Err(NodeError::Store(error @ StoreError::Busy(_))) => {
                tracing::warn!(%error, "a delivery is delayed by the database");
                DestinationHealth::Unknown
            }
            Err(error) => {
                tracing::error!(%error, "a delivery could not be prepared");
                self.worker
                    .schedule
                    .after_failure(&self.destination, shown(&error.to_string()))
            }
        };
        self.worker
            .result_writer
            .record(BatchResult {
                destination_id: self.destination.id,
                generation: self.destination.generation,
                delivered: progress.delivered,
                refused: progress.refused,
                deferred: progress.deferred,
                handovers: progress.handovers,
                verdict,
            })
            .await;
    }

    async fn deliver(&mut self, progress: &mut Progress) -> Result<DestinationHealth, NodeError> {
        let url = match fetch::check_inbox(
            &self.destination.inbox,
            self.worker.node.config.development,
        ) {
            Ok(url) => url,
            Err(error) => return Ok(DestinationHealth::Refused { error }),
        };
        if !self.worker.node.allows(&self.destination.host) {
            return Ok(self.refuse_all(progress, "its host is not one of allowed_hosts"));
        }
        for delivery in std::mem::take(&mut self.deliveries) {
            let is_cut_short = || self.worker.in_flight.is_cut_short(self.destination.id);
            if self.worker.stop.is_cancelled() || (delivery.priority == 0 && is_cut_short()) {
                break;
            }
            let activities = &self.worker.activities;
            let Some(prepared) = activities
                .get(&self.worker.node, delivery.activity_id)
                .await?
            else {
                // Its activity was deleted: nothing is left to send.
                progress.delivered.push(delivery.id);
                continue;
            };
            let held = delivery.held_until.max(progress.held_until(&prepared));
            let choice = match held {
                Some(until) => KeyChoice::Hold(until),
                None => self.choose_key(&prepared).await?,
            };
            let keys = match choice {
                KeyChoice::Sign(keys) => keys,
                KeyChoice::Hold(until) => {
                    progress.defer(delivery.id, until, None);
                    progress.hold(&prepared, until);
                    continue;
                }
            };
            let begun = Instant::now();
            let Some(outcome) = self.attempt(&url, &prepared, &keys).await? else {
                break;
            };
            counter!("pamphlet_deliveries_total", "outcome" => outcome.name()).increment(1);
            histogram!("pamphlet_delivery_seconds").record(begun.elapsed());
            self.report(&prepared, &outcome);
            let verdict = self.apply(outcome, &delivery, &prepared, progress);
            if let Some(verdict) = verdict.await? {
                return Ok(verdict);
            }
        }
        Ok(progress.verdict())
    }

    /// Attempts one delivery. Returns `None` if the node abandons the deliveries in flight.
    async fn attempt(
        &mut self,
        url: &Url,
        prepared: &Arc<PreparedActivity>,
        keys: &KeyCandidates,
    ) -> Result<Option<Outcome>, NodeError> {
        let abandon = self.worker.abandon.clone();
        tokio::select! {
            outcome = self.send_fitting(url, prepared, keys) => outcome.map(Some),
            () = abandon.cancelled() => Ok(None),
        }
    }

    /// Applies an outcome to the delivery. Returns a verdict if it ends the batch.
    async fn apply(
        &mut self,
        outcome: Outcome,
        delivery: &DueDelivery,
        prepared: &PreparedActivity,
        progress: &mut Progress,
    ) -> Result<Option<DestinationHealth>, NodeError> {
        let worker = self.worker.clone();
        let schedule = &worker.schedule;
        let answered = |status: u16| format!("it answered {status}");
        Ok(match outcome {
            Outcome::Delivered => {
                self.delivered(delivery.id, prepared, progress);
                None
            }
            Outcome::Doubtful(status) if delivery.attempts + 1 < MAX_ATTEMPTS => {
                let until = store::now() + schedule.delay_with_jitter(delivery.attempts);
                progress.defer(delivery.id, until, Some((status, answered(status))));
                progress.hold(prepared, until);
                progress.refusal = Some(answered(status));
                None
            }
            Outcome::Refused(status)
            | Outcome::Unauthorized(status)
            | Outcome::Doubtful(status) => {
                progress.refuse(delivery.id, status, answered(status));
                None
            }
            // If a fresh connection did not help, the response is doubtful.
            Outcome::Misdirected => {
                progress.refuse(delivery.id, 421, answered(421));
                None
            }
            Outcome::TooLarge => {
                progress.refuse(delivery.id, TOO_LARGE, answered(TOO_LARGE));
                self.report_size(prepared).await?;
                None
            }
            Outcome::KnownTooLarge => {
                progress.refuse(delivery.id, TOO_LARGE, KNOWN_TOO_LARGE.to_owned());
                self.report_size(prepared).await?;
                None
            }
            Outcome::Gone(status) => Some(self.gone(status, delivery.id, progress).await?),
            Outcome::RetryAfter(status, wait) => {
                let error = format!("it answered {status} and asked to wait");
                Some(schedule.after_request_to_wait(&self.destination, wait, error))
            }
            Outcome::Failed(error) => Some(schedule.after_failure(&self.destination, error)),
            Outcome::Forbidden(error) => Some(DestinationHealth::Refused { error }),
        })
    }

    fn delivered(&mut self, delivery: i64, prepared: &PreparedActivity, progress: &mut Progress) {
        progress.delivered.push(delivery);
        progress.accepted = true;
        // A later failure is the first one again.
        self.destination.failures = 0;
        self.destination.failing_since = None;
        self.destination.state = DestinationState::Alive;
        if self.announces_key(prepared) {
            progress.handovers.push(prepared.id);
            let taken = KeyAnnouncement::Accepted(store::now());
            self.handovers.insert(prepared.id, taken);
        }
    }

    /// Notifies the admin that an edit did not reach every server, at most once a day for all servers.
    async fn report_size(&self, prepared: &PreparedActivity) -> Result<(), NodeError> {
        if prepared.kind != "Update" {
            return Ok(());
        }
        let text = format!(
            "An update of {} did not reach {}: its {} bytes are more than that server accepts in one request, so its \
             readers keep the former version. `pamphlet deliveries refused` lists all such servers.",
            prepared.object_uri,
            self.destination.host,
            prepared.full.body.len(),
        );
        let mut tx = self.worker.node.store.begin().await?;
        tx.add_notice_once(
            NoticeKind::UpdateTooLarge,
            &self.destination.inbox,
            &prepared.object_uri,
            &text,
            store::now() - DAY,
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// Returns the actor that sends an activity, with its current keys.
    pub(super) fn sender_of(&self, prepared: &PreparedActivity) -> Arc<LocalActor> {
        let known = self.senders.get(&prepared.sender.row.id);
        known.unwrap_or(&prepared.sender).clone()
    }

    /// Refuses all deliveries of the batch without a request. The state of the destination does not change.
    fn refuse_all(&mut self, progress: &mut Progress, reason: &str) -> DestinationHealth {
        let refused = std::mem::take(&mut self.deliveries)
            .into_iter()
            .map(|delivery| (delivery.id, None, reason.to_owned()));
        progress.refused.extend(refused);
        DestinationHealth::Unknown
    }

    /// Handles an inbox that no longer exists. Deliveries to a shared inbox move to the actors' own inboxes. The followers
    /// at an own inbox are removed after some days.
    async fn gone(
        &self,
        status: u16,
        delivery_id: i64,
        progress: &mut Progress,
    ) -> Result<DestinationHealth, NodeError> {
        let error = format!("it answered {status}");
        let node = &self.worker.node;
        let mut tx = node.store.begin().await?;
        let moved = tx
            .move_from_shared_inbox(self.destination.id, delivery_id, &error)
            .await?;
        if moved == 0 {
            progress.refuse(delivery_id, status, error.clone());
        }
        let since = self.destination.gone_since.unwrap_or(store::now());
        if moved == 0 && store::now() - since >= GONE_AFTER {
            let dropped = tx.remove_followers_at(self.destination.id).await?;
            if dropped > 0 {
                let text = format!("a follower was removed: its inbox answered {status} for days");
                tx.add_or_repeat_notice(&NewNotice {
                    kind: NoticeKind::FollowerGone,
                    actor_uri: &self.destination.inbox,
                    object_uri: None,
                    subject: "",
                    text: &text,
                })
                .await?;
            }
            tracing::info!(
                inbox = self.destination.inbox,
                dropped,
                "followers were removed because their inbox no longer exists"
            );
        }
        tx.commit().await?;
        node.store.wake();
        Ok(DestinationHealth::Gone { error })
    }

    fn report(&self, prepared: &PreparedActivity, outcome: &Outcome) {
        let host = self.destination.host.as_str();
        let (event, reason) = outcome.event();
        self.worker.node.events.record_delivery(DeliveryEvent {
            kind: &prepared.kind,
            object_uri: (prepared.public || prepared.kind == "Forward")
                .then_some(prepared.object_uri.as_str()),
            host,
            outcome: event,
            reason,
        });
        match outcome {
            Outcome::Delivered => tracing::debug!(activity = prepared.kind, host, "delivered"),
            other => {
                tracing::info!(activity = prepared.kind, host, outcome = ?other, "not delivered")
            }
        }
    }
}
