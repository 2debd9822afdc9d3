//! One destination's turn: what waits for it is sent in order, until it is done, fails, or has had its share.

use super::{
    Worker,
    answer::{self, Answer},
    outgoing::Prepared,
    synchronization::{self, Digests},
};
use crate::{
    federation::{
        NodeError, fetch,
        fetch::{cause, forbidden_below, shown},
        locals::SigningKey,
        signatures::{
            Style,
            sign::{Action, Outgoing, sign},
        },
    },
    protocol::ACTIVITY_JSON,
    store::{self, Destination, DueDelivery, Settlement, StoreError, Verdict},
};
use chrono::Utc;
use metrics::{counter, histogram};
use std::{sync::Arc, time::Instant};
use url::Url;

/// A follower whose own inbox says that it is gone is removed after so many milliseconds of saying so.
const GONE_AFTER: i64 = 3 * 24 * 60 * 60 * 1000;
/// Bytes of an answer that are read, so that the connection can be used again.
const ANSWER_LIMIT: usize = 64 * 1024;

pub(super) struct Turn {
    pub worker: Arc<Worker>,
    pub destination: Destination,
    pub deliveries: Vec<DueDelivery>,
    pub digests: Digests,
}

/// What the turn has so far.
#[derive(Default)]
struct Outcome {
    delivered: Vec<i64>,
    refused: Vec<(i64, Option<u16>, String)>,
}

impl Outcome {
    fn refuse(&mut self, delivery: i64, status: u16) {
        let reason = format!("it answered {status}");
        self.refused.push((delivery, Some(status), reason));
    }
}

impl Turn {
    /// Sends, and hands the result to the settler.
    pub async fn take(mut self) {
        let mut outcome = Outcome::default();
        let verdict = match self.deliver(&mut outcome).await {
            Ok(verdict) => verdict,
            Err(NodeError::Store(error @ StoreError::Busy(_))) => {
                tracing::warn!(%error, "a delivery waits for the database");
                Verdict::Unknown
            }
            Err(error) => {
                tracing::error!(%error, "a delivery could not be made ready");
                self.worker
                    .schedule
                    .after_failure(&self.destination, shown(&error.to_string()))
            }
        };
        self.worker
            .settler
            .settle(Settlement {
                destination_id: self.destination.id,
                generation: self.destination.generation,
                delivered: outcome.delivered,
                refused: outcome.refused,
                verdict,
            })
            .await;
    }

    async fn deliver(&mut self, outcome: &mut Outcome) -> Result<Verdict, NodeError> {
        let url = match fetch::check_inbox(
            &self.destination.inbox,
            self.worker.node.config.development,
        ) {
            Ok(url) => url,
            Err(error) => return Ok(Verdict::Refused { error }),
        };
        if !self.worker.node.allows(&self.destination.host) {
            return Ok(self.refuse_all(outcome, "its host is not one of allowed_hosts"));
        }
        let mut learned = false;
        for delivery in std::mem::take(&mut self.deliveries) {
            if self.worker.stop.is_cancelled() {
                break;
            }
            let outgoing = &self.worker.outgoing;
            let Some(prepared) = outgoing
                .get(&self.worker.node, delivery.activity_id)
                .await?
            else {
                // Its activity was deleted: nothing is left to send.
                outcome.delivered.push(delivery.id);
                continue;
            };
            let begun = Instant::now();
            let Some(answer) = self.attempt(&url, &prepared).await? else {
                break;
            };
            counter!("pamphlet_deliveries_total", "outcome" => answer.name()).increment(1);
            histogram!("pamphlet_delivery_seconds").record(begun.elapsed());
            self.log(&prepared, &answer);
            if let Some(verdict) = self.conclude(answer, delivery.id, outcome).await? {
                return Ok(verdict);
            }
            learned = true;
        }
        Ok(match learned {
            true => Verdict::Well,
            false => Verdict::Unknown,
        })
    }

    /// Sends one delivery; `None` if the node gives up what is under way.
    async fn attempt(
        &mut self,
        url: &Url,
        prepared: &Arc<Prepared>,
    ) -> Result<Option<Answer>, NodeError> {
        let abandon = self.worker.abandon.clone();
        tokio::select! {
            answer = self.send_in_either_style(url, prepared) => answer.map(Some),
            () = abandon.cancelled() => Ok(None),
        }
    }

    /// Notes what an answer means for the delivery; a verdict, if it ends the turn.
    async fn conclude(
        &mut self,
        answer: Answer,
        delivery: i64,
        outcome: &mut Outcome,
    ) -> Result<Option<Verdict>, NodeError> {
        let schedule = &self.worker.schedule;
        Ok(match answer {
            Answer::Delivered => {
                outcome.delivered.push(delivery);
                // A failure after it is the first one again.
                self.destination.failures = 0;
                self.destination.failing_since = None;
                self.destination.state = "alive".to_owned();
                None
            }
            Answer::Refused(status) | Answer::Unwelcome(status) => {
                outcome.refuse(delivery, status);
                None
            }
            Answer::Gone(status) => {
                outcome.refuse(delivery, status);
                Some(self.gone(status, delivery).await?)
            }
            Answer::Wait(status, wait) => {
                let error = format!("it answered {status} and asked to wait");
                Some(schedule.after_request_to_wait(&self.destination, wait, error))
            }
            Answer::Failed(error) => Some(schedule.after_failure(&self.destination, error)),
            Answer::Forbidden(error) => Some(Verdict::Refused { error }),
        })
    }

    /// Sends nothing of what waits, and leaves the destination as it is.
    fn refuse_all(&mut self, outcome: &mut Outcome, reason: &str) -> Verdict {
        let refused = std::mem::take(&mut self.deliveries)
            .into_iter()
            .map(|delivery| (delivery.id, None, reason.to_owned()));
        outcome.refused.extend(refused);
        Verdict::Unknown
    }

    /// Signs as this server is known to want it; if it does not, with the key that is in use by now, if
    /// that is another, and once in the other style.
    async fn send_in_either_style(
        &mut self,
        url: &Url,
        prepared: &Arc<Prepared>,
    ) -> Result<Answer, NodeError> {
        let style = match self.destination.style.as_str() {
            "rfc9421" => Style::Rfc9421,
            _ => Style::Cavage,
        };
        let answer = self.send(url, prepared, &prepared.key, style).await?;
        let Answer::Unwelcome(_) = answer else {
            return Ok(answer);
        };
        let node = &self.worker.node;
        let sender = node
            .locals
            .by_id(&node.store, prepared.sender.row.id)
            .await?;
        let key = sender.key();
        if key.id != prepared.key.id {
            let again = self.send(url, prepared, &key, style).await?;
            if !matches!(again, Answer::Unwelcome(_)) {
                return Ok(again);
            }
        }
        let (other, name) = match style {
            Style::Cavage => (Style::Rfc9421, "rfc9421"),
            Style::Rfc9421 => (Style::Cavage, "cavage"),
        };
        let second = self.send(url, prepared, &key, other).await?;
        if second == Answer::Delivered {
            self.destination.style = name.to_owned();
            let mut tx = self.worker.node.store.begin().await?;
            tx.set_style(self.destination.id, name).await?;
            tx.commit().await?;
        }
        Ok(match second {
            Answer::Unwelcome(_) | Answer::Refused(_) => answer,
            // It took the other style, or did not come to judge it.
            _ => second,
        })
    }

    async fn send(
        &self,
        url: &Url,
        prepared: &Arc<Prepared>,
        key: &SigningKey,
        style: Style,
    ) -> Result<Answer, NodeError> {
        let headers = {
            // Closed by nobody.
            let _turn = self.worker.signing.acquire().await;
            let synchronization = synchronization::header(prepared, &self.digests);
            signed_headers(
                url.clone(),
                prepared.clone(),
                synchronization,
                key.clone(),
                style,
            )
            .await?
        };
        let request = self
            .worker
            .clients
            .of(&self.destination.host)
            .post(url.clone())
            .headers(headers)
            .body(prepared.body.clone());
        Ok(match request.send().await {
            Ok(response) => {
                let answer = answer::read(response.status(), response.headers());
                drain(response).await;
                answer
            }
            Err(error) => match forbidden_below(&error) {
                Some(forbidden) => Answer::Forbidden(forbidden.to_string()),
                None if error.is_timeout() => Answer::Failed("it took too long".into()),
                None => Answer::Failed(cause(&error)),
            },
        })
    }

    /// Nobody lives at this inbox: a shared one hands over to the actors' own, an own one is given up
    /// after days of saying so.
    async fn gone(&self, status: u16, delivery_id: i64) -> Result<Verdict, NodeError> {
        let error = format!("it answered {status}");
        let node = &self.worker.node;
        let mut tx = node.store.begin().await?;
        let moved = tx
            .leave_shared_inbox(self.destination.id, delivery_id, &error)
            .await?;
        let since = self.destination.gone_since.unwrap_or(store::now());
        if moved == 0 && store::now() - since >= GONE_AFTER {
            let dropped = tx.drop_followers_at(self.destination.id).await?;
            if dropped > 0 {
                let text = format!("a follower was removed: its inbox answered {status} for days");
                tx.add_notice("follower gone", &self.destination.inbox, None, &text)
                    .await?;
            }
            tracing::info!(
                inbox = self.destination.inbox,
                dropped,
                "a follower's inbox is gone for good"
            );
        }
        tx.commit().await?;
        node.store.wake();
        Ok(Verdict::Gone { error })
    }

    fn log(&self, prepared: &Prepared, answer: &Answer) {
        let host = self.destination.host.as_str();
        match answer {
            Answer::Delivered => tracing::debug!(activity = prepared.kind, host, "delivered"),
            other => {
                tracing::info!(activity = prepared.kind, host, outcome = ?other, "not delivered")
            }
        }
    }
}

/// An RSA signature takes up to a millisecond: not on the threads that serve everyone.
async fn signed_headers(
    url: Url,
    prepared: Arc<Prepared>,
    synchronization: Option<String>,
    key: SigningKey,
    style: Style,
) -> Result<http::HeaderMap, NodeError> {
    let signed = tokio::task::spawn_blocking(move || {
        let request = Outgoing {
            url: &url,
            now: Utc::now(),
            action: Action::Post {
                digest: &prepared.digest,
                content_type: ACTIVITY_JSON,
                synchronization: synchronization.as_deref(),
            },
        };
        sign(style, &key.key, &key.id, &request)
    });
    signed
        .await
        .map_err(|error| NodeError::Client(error.to_string()))?
        .map_err(|error| NodeError::Client(error.to_string()))
}

/// Reads a short answer to its end, so that the connection can be used again.
async fn drain(mut response: reqwest::Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        if read > ANSWER_LIMIT {
            return;
        }
    }
}
