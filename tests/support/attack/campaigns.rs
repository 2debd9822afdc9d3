//! Hostile requests of every kind, each at a rate of its own.

use super::{
    super::peer::{PUBLIC, any_key},
    post::Actor,
    world::World,
};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::{sync::Semaphore, task::JoinSet, time::interval};
use tokio_util::sync::CancellationToken;

/// Hostile requests of one kind.
struct Campaign {
    name: &'static str,
    per_second: u32,
    /// Makes the request of this number.
    request: fn(&World, u64) -> RequestBuilder,
}

const fn campaign(
    name: &'static str,
    per_second: u32,
    request: fn(&World, u64) -> RequestBuilder,
) -> Campaign {
    Campaign {
        name,
        per_second,
        request,
    }
}

/// About 200 requests a second in all.
const CAMPAIGNS: [Campaign; 19] = [
    campaign("bare id on a hanging server", 30, bare_id),
    campaign("garbage signature, hanging key", 25, garbage_of_hanging_key),
    campaign(
        "garbage signature, invented host",
        15,
        garbage_of_invented_host,
    ),
    campaign(
        "comment with a third party's replies",
        3,
        replies_of_third_party,
    ),
    campaign("comment with own slow replies", 3, own_replies),
    campaign("comment with pictures", 3, pictures),
    campaign("request for a picture", 15, picture),
    campaign("reaction with slander", 10, slander),
    campaign("dropped activity of a new actor", 30, dropped),
    campaign("follow of 900 KB", 2, large_follow),
    campaign(
        "follow with a third party's inbox",
        5,
        follow_of_third_party,
    ),
    campaign("report", 5, report),
    campaign("comment of 98 KB", 3, large_comment),
    campaign("short comment", 10, short_comment),
    campaign("reply to a hanging post", 8, backfill),
    campaign("forgery with an honest key id", 10, forgery),
    campaign("deletion of another's reply", 3, deletion),
    campaign("unsigned post of 1 MB", 5, unsigned),
    campaign("page of another host", 5, other_host),
];

/// Requests of one campaign that are under way at once.
const AT_ONCE: usize = 300;

/// Runs all campaigns until `stop`.
pub(super) async fn run(world: Arc<World>, stop: CancellationToken) {
    let mut running = JoinSet::new();
    for campaign in &CAMPAIGNS {
        running.spawn(run_one(campaign, world.clone(), stop.clone()));
    }
    running.join_all().await;
}

async fn run_one(campaign: &'static Campaign, world: Arc<World>, stop: CancellationToken) {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut ticks = interval(Duration::from_secs(1) / campaign.per_second);
    let mut sending = JoinSet::new();
    for number in 0.. {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => break,
        }
        let Ok(slot) = slots.clone().try_acquire_owned() else {
            continue;
        };
        let world = world.clone();
        sending.spawn(async move {
            let response = (campaign.request)(&world, number).send().await;
            world.count(
                campaign.name,
                response.as_ref().map_or(0, |it| it.status().as_u16()),
            );
            if let Ok(response) = response
                && let Ok(text) = response.text().await
            {
                world.learn_pictures(&text);
            }
            drop(slot);
        });
        while sending.try_join_next().is_some() {}
    }
    sending.shutdown().await;
}

/// Sends a `Create` of a note with some properties.
fn comment(world: &World, number: u64, content: &str, more: Value) -> RequestBuilder {
    let actor = world.villain("u", number);
    let id = actor.new_id("notes");
    let mut note = actor.note(&id, &world.target.article, content);
    note.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    world.post(actor.post(&actor.activity("Create", note)))
}

fn bare_id(world: &World, number: u64) -> RequestBuilder {
    let actor = world.villain("u", number % 100);
    let object = format!("http://{}/hang/notes/{number}", world.evil(number));
    world.post(actor.post(&actor.activity("Create", json!(object))))
}

/// Signs for a key id with another key.
fn forged(world: &World, key_id: String, actor: &Actor, kind: &str) -> RequestBuilder {
    let activity = actor.activity(kind, json!(world.target.article));
    let mut post = actor.post(&activity);
    post.key_id = key_id;
    // The next one is another key.
    post.key = any_key(actor.id.len() + 1);
    world.post(post)
}

fn garbage_of_hanging_key(world: &World, number: u64) -> RequestBuilder {
    let actor = Actor {
        id: format!("http://{}/hang/users/{number}", world.evil(number)),
    };
    forged(world, actor.key_id(), &actor, "Like")
}

fn garbage_of_invented_host(world: &World, number: u64) -> RequestBuilder {
    let actor = Actor::at(&format!("invented{number}.localhost:1"), "u0");
    forged(world, actor.key_id(), &actor, "Like")
}

fn replies_of_third_party(world: &World, number: u64) -> RequestBuilder {
    let replies = format!("http://{}/collections/third/{number}", world.evil(number));
    comment(
        world,
        number,
        "<p>See the answers.</p>",
        json!({"replies": replies}),
    )
}

fn own_replies(world: &World, number: u64) -> RequestBuilder {
    let replies = format!("http://{}/collections/own/{number}", world.evil(number));
    comment(
        world,
        number,
        "<p>See my answers.</p>",
        json!({"replies": replies}),
    )
}

fn pictures(world: &World, number: u64) -> RequestBuilder {
    let kinds = [
        "pictures/wide",
        "pictures/large",
        "hang/pictures",
        "pictures/wide",
    ];
    let picture = |(index, kind): (usize, &str)| {
        let url = format!("http://{}/{kind}/{number}-{index}", world.evil(number));
        json!({"type": "Image", "mediaType": "image/png", "url": url, "name": "A picture"})
    };
    let attachment: Vec<Value> = kinds.into_iter().enumerate().map(picture).collect();
    comment(
        world,
        number,
        "<p>Look.</p>",
        json!({"attachment": attachment}),
    )
}

/// Asks eight times in a row for each picture that a page showed.
fn picture(world: &World, number: u64) -> RequestBuilder {
    let path = world.picture(number / 8);
    let path = path.unwrap_or_else(|| format!("avatars/{}", 1 + number % 60));
    world
        .client
        .get(format!("{}/pictures/{path}", world.target.origin))
}

fn slander(world: &World, number: u64) -> RequestBuilder {
    let actor = world.villain("u", number % 20);
    let kind = if number.is_multiple_of(2) {
        "Like"
    } else {
        "EmojiReact"
    };
    let mut like = actor.activity(kind, json!(world.target.article));
    like["content"] = json!(format!("Its author is a liar and a thief, case {number}"));
    world.post(actor.post(&like))
}

fn dropped(world: &World, number: u64) -> RequestBuilder {
    let actor = world.villain("big", number);
    let object = format!("http://{}/notes/{number}", world.evil(number));
    world.post(actor.post(&actor.activity("Like", json!(object))))
}

fn large_follow(world: &World, number: u64) -> RequestBuilder {
    static PADDING: LazyLock<Value> = LazyLock::new(|| json!("x".repeat(900_000)));
    let actor = world.villain("third", number);
    let mut follow = actor.activity("Follow", json!(world.target.blog()));
    follow["padding"] = PADDING.clone();
    world.post(actor.post(&follow))
}

fn follow_of_third_party(world: &World, number: u64) -> RequestBuilder {
    let actor = world.villain("third", 1_000_000 + number);
    world.post(actor.post(&actor.activity("Follow", json!(world.target.blog()))))
}

fn report(world: &World, number: u64) -> RequestBuilder {
    let actor = world.villain("u", number % 50);
    let object = json!([world.target.blog(), world.target.article]);
    let mut report = actor.activity("Flag", object);
    report["content"] = json!(format!("Complaint {number}. ").repeat(50));
    world.post(actor.post(&report))
}

fn large_comment(world: &World, number: u64) -> RequestBuilder {
    let words = format!(
        "<p>Opinion {number}. {}</p>",
        "I have much to say. ".repeat(4_900)
    );
    comment(world, number, &words, json!({}))
}

fn short_comment(world: &World, number: u64) -> RequestBuilder {
    comment(
        world,
        number % 30,
        &format!("<p>Opinion {number}.</p>"),
        json!({}),
    )
}

fn backfill(world: &World, number: u64) -> RequestBuilder {
    let parent = format!("http://{}/hang/parents/{number}", world.evil(number));
    comment(world, number, "<p>Yes.</p>", json!({"inReplyTo": parent}))
}

fn forgery(world: &World, number: u64) -> RequestBuilder {
    let servers = &world.honest.servers;
    let server = &servers[usize::try_from(number).unwrap() % servers.len()];
    let actor = Actor::at(server, "a0");
    let mut forgery = actor.post(&actor.activity("Delete", json!(actor.id)));
    forgery.key = any_key(1);
    world.post(forgery)
}

fn deletion(world: &World, number: u64) -> RequestBuilder {
    let servers = &world.honest.servers;
    let server = &servers[usize::try_from(number).unwrap() % servers.len()];
    let (owner, forwarder) = (Actor::at(server, "a0"), world.villain("u", number % 10));
    let object = json!({"id": format!("{}/notes/0", owner.id), "type": "Tombstone"});
    let mut deletion = owner.activity("Delete", object);
    deletion["to"] = json!([PUBLIC]);
    world.post(forwarder.post(&deletion))
}

fn unsigned(world: &World, _: u64) -> RequestBuilder {
    static BODY: LazyLock<bytes::Bytes> = LazyLock::new(|| vec![b' '; 1024 * 1024 - 1].into());
    world
        .client
        .post(format!("{}/inbox", world.target.origin))
        .header("content-type", "application/activity+json")
        .body(BODY.clone())
}

/// Asks for the page in ever new spellings, of which none is in memory.
fn other_host(world: &World, number: u64) -> RequestBuilder {
    let target = &world.target;
    world
        .client
        .get(format!("{}{}?after={number}", target.origin, target.page))
}
