// What a test can make the peer do: JSON over HTTP under /control/.
//
// A call answers when the delivery has been answered, with `status` (HTTP) and `knocks` (see
// loopback.js); what failed is 502 with `error`.

import { Temporal } from "@js-temporal/polyfill";
import {
  Announce, Create, Delete, Follow, getActorHandle, Like, Mention, Note, PUBLIC_COLLECTION,
  Tombstone, Undo, Update,
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

  /** `{ inReplyTo, to, content }`: a public note that mentions `to`. */
  async reply(peer, { inReplyTo, to, content }) {
    const author = await find(peer, to);
    const note = new Note({
      id: peer.context.getObjectUri(Note, { identifier: NAME, uuid: crypto.randomUUID() }),
      attribution: peer.context.getActorUri(NAME),
      replyTarget: new URL(inReplyTo),
      content,
      published: Temporal.Now.instant(),
      tags: [new Mention({ href: new URL(to), name: await getActorHandle(author) })],
      ...audience(to),
    });
    peer.notes.set(note.id.href, note);
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

function audience(to) {
  return { to: PUBLIC_COLLECTION, cc: new URL(to) };
}

function stored(peer, id) {
  const note = peer.notes.get(id);
  if (!(note instanceof Note)) throw new Error(`no note of mine: ${id}`);
  return note;
}
