// What a test can make the peer do: JSON over HTTP under /control/.
//
// A call answers when the delivery has been answered, with `status` (HTTP) and `knocks` (see
// loopback.js); what failed is 502 with `error`.

import { Temporal } from "@js-temporal/polyfill";
import {
  Announce, Block, Create, Delete, Flag, Follow, getActorHandle, Like, Mention, Move, Note,
  PUBLIC_COLLECTION, QuoteRequest, Reject, Tombstone, Undo, Update,
} from "@fedify/vocab";
import { withKnocks } from "./loopback.js";
import { NAME } from "./peer.js";

const actions = {
  /** `{ handle }`: what WebFinger and the actor document say. */
  async lookup(peer, { handle }) {
    const actor = await find(peer, handle);
    return {
      ...(await actor.toJsonLd(peer.context)),
      id: actor.id.href,
      inbox: actor.inboxId?.href,
      publicKeys: actor.publicKeyIds.map((id) => id.href),
    };
  },

  /** `{ id }`: any object as Fedify reads it, written again from what it understood. */
  async fetch(peer, { id }) {
    const object = await find(peer, id);
    return await object.clone().toJsonLd({ ...peer.context, format: "compact" });
  },

  async follow(peer, { actor }) {
    const follow = activity(peer, Follow, { object: new URL(actor) });
    peer.sent.set(`follow ${actor}`, follow);
    return await send(peer, actor, follow);
  },

  async unfollow(peer, { actor }) {
    return await undo(peer, `follow ${actor}`, actor);
  },

  /** `{ actor }`: ends the follow that was accepted. */
  async reject(peer, { actor }) {
    const follow = peer.follows.get(actor);
    peer.followers.delete(actor);
    return await send(peer, actor, activity(peer, Reject, { object: follow }));
  },

  async block(peer, { actor }) {
    return await send(peer, actor, activity(peer, Block, { object: new URL(actor) }));
  },

  /** `{ objects, to, content }` */
  async report(peer, { objects, to, content }) {
    const about = objects.map((id) => new URL(id));
    return await send(peer, to, activity(peer, Flag, { objects: about, content }));
  },

  /** `{ target, to }`: tells that @reader is now `target`. */
  async move(peer, { target, to }) {
    const object = peer.context.getActorUri(NAME);
    return await send(peer, to, activity(peer, Move, { object, target: new URL(target) }));
  },

  /** `{ actor }`: @reader names another account as its own; nobody is told. */
  async alias({ aliases }, { actor }) {
    aliases.add(actor);
    return {};
  },

  async like(peer, { object, to }) {
    const like = activity(peer, Like, { object: new URL(object) });
    peer.sent.set(`like ${object}`, like);
    return await send(peer, to, like);
  },

  async "undo-like"(peer, { object, to }) {
    return await undo(peer, `like ${object}`, to);
  },

  async boost(peer, { object, to }) {
    const announce = activity(peer, Announce, { object: new URL(object), ...audience(to) });
    peer.sent.set(`boost ${object}`, announce);
    return await send(peer, to, announce);
  },

  async "undo-boost"(peer, { object, to }) {
    return await undo(peer, `boost ${object}`, to);
  },

  /** `{ content }`: a public note that nobody is told of. */
  async write(peer, { content }) {
    return { id: write(peer, { content, to: PUBLIC_COLLECTION }).id.href };
  },

  /** `{ content }`: a public note for all followers, with their digest (FEP-8fcf). */
  async publish(peer, { content }) {
    const note = write(peer, { content, to: PUBLIC_COLLECTION });
    const create = activity(peer, Create, { object: note, to: PUBLIC_COLLECTION });
    const options = { syncCollection: true, preferSharedInbox: true };
    const knocks = await withKnocks(() =>
      peer.context.sendActivity({ identifier: NAME }, "followers", create, options));
    return { id: note.id.href, status: knocks.at(-1)?.status, knocks };
  },

  /** `{ actor }`: believes that an actor follows, which never asked. */
  async "imagine-follower"(peer, { actor }) {
    peer.followers.set(actor, await find(peer, actor));
    return {};
  },

  /** `{ object, to }`: asks to quote `object` in a note, which is there already; `id` is the note's. */
  async quote(peer, { object, to }) {
    const quoted = new URL(object);
    const note = write(peer, { content: "<p>Worth reading.</p>", quote: quoted, ...audience(to) });
    const request = activity(peer, QuoteRequest, { object: quoted, instrument: note.id });
    return { ...(await send(peer, to, request)), request: request.id.href, id: note.id.href };
  },

  /** `{ inReplyTo, to, content }`: a public note that mentions `to`. */
  async reply(peer, { inReplyTo, to, content }) {
    const author = await find(peer, to);
    const note = write(peer, {
      replyTarget: new URL(inReplyTo),
      content,
      tags: [new Mention({ href: new URL(to), name: await getActorHandle(author) })],
      ...audience(to),
    });
    const create = activity(peer, Create, { object: note, ...audience(to) });
    return { ...(await send(peer, to, create)), id: note.id.href };
  },

  async edit(peer, { id, content }) {
    const note = stored(peer, id).clone({ content, updated: Temporal.Now.instant() });
    peer.notes.set(id, note);
    const to = note.ccIds[0].href;
    return await send(peer, to, activity(peer, Update, { object: note, ...audience(to) }));
  },

  async delete(peer, { id }) {
    const to = stored(peer, id).ccIds[0].href;
    const tombstone = new Tombstone({ id: new URL(id) });
    peer.notes.set(id, tombstone);
    return await send(peer, to, activity(peer, Delete, { object: tombstone, ...audience(to) }));
  },

  /** What passed Fedify's verification, and how many inbox requests did not. */
  async received({ received, rejected, followers }) {
    return {
      activities: received,
      rejected: rejected.length,
      rejections: rejected,
      followers: [...followers.keys()],
    };
  },
};

/** Runs the action that the path names; the body is its argument. */
export async function control(peer, request) {
  const name = new URL(request.url).pathname.slice("/control/".length);
  if (!Object.hasOwn(actions, name)) {
    return Response.json({ error: `no such action: ${name}` }, { status: 404 });
  }
  try {
    const argument = request.method === "POST" ? await request.json() : {};
    return Response.json(await actions[name](peer, argument));
  } catch (error) {
    const { statusCode: status, knocks } = error;
    return Response.json({ error: String(error), status, knocks }, { status: 502 });
  }
}

/** The actor or object; fetched signed, as @reader, so that a server in secure mode answers too. */
async function find({ context }, handleOrId) {
  const documentLoader = await context.getDocumentLoader({ identifier: NAME });
  const object = await context.lookupObject(handleOrId, { documentLoader });
  if (object == null) throw new Error(`not found or not understood: ${handleOrId}`);
  return object;
}

async function send(peer, to, activity) {
  const recipient = await find(peer, to);
  const knocks = await withKnocks(() =>
    peer.context.sendActivity({ identifier: NAME }, recipient, activity));
  return { id: activity.id.href, status: knocks.at(-1)?.status, knocks };
}

async function undo(peer, key, to) {
  const object = peer.sent.get(key);
  if (object == null) throw new Error(`nothing to undo: ${key}`);
  return await send(peer, to, activity(peer, Undo, { object }));
}

function activity({ context }, Type, properties) {
  const actor = context.getActorUri(NAME);
  const id = new URL(`#${Type.name.toLowerCase()}/${crypto.randomUUID()}`, actor);
  return new Type({ id, actor, ...properties });
}

/** A new note of @reader, which can be fetched. */
function write(peer, properties) {
  const note = new Note({
    id: peer.context.getObjectUri(Note, { identifier: NAME, uuid: crypto.randomUUID() }),
    attribution: peer.context.getActorUri(NAME),
    published: Temporal.Now.instant(),
    ...properties,
  });
  peer.notes.set(note.id.href, note);
  return note;
}

function audience(to) {
  return { to: PUBLIC_COLLECTION, cc: new URL(to) };
}

function stored(peer, id) {
  const note = peer.notes.get(id);
  if (!(note instanceof Note)) throw new Error(`no note of mine: ${id}`);
  return note;
}
