// The peer as the fediverse sees it: one actor, @reader, with its inbox, notes and collections.
// Signatures, JSON-LD, WebFinger and routing are Fedify's; this file only keeps what came in.

import { createFederation, generateCryptoKeyPair, MemoryKvStore } from "@fedify/fedify";
import {
  Accept, Activity, Create, Endpoints, Follow, Mention, Note, Person, Tombstone, Undo,
} from "@fedify/vocab";

/** The actor's identifier in Fedify's sense, which is its user name too. */
export const NAME = "reader";
const NOTE_PATH = "/users/{identifier}/notes/{uuid}";

/** Makes the peer that answers under `origin`; `firstKnock` as in Fedify's option of that name. */
export async function createPeer(origin, firstKnock) {
  const federation = createFederation({
    kv: new MemoryKvStore(),
    origin,
    allowPrivateAddress: true,
    // Without a queue an activity is sent at once, and its failure is the caller's to see.
    queue: undefined,
    firstKnock,
    userAgent: { software: "PamphletTestPeer/1.0", url: new URL(origin) },
  });
  const peer = {
    federation,
    context: federation.createContext(new URL(origin)),
    received: [],
    rejected: [],
    followers: new Map(),
    follows: new Map(),
    aliases: new Set(),
    notes: new Map(),
    sent: new Map(),
    fetch: (request) => fetchAndCountRejected(peer, request),
  };
  await serveActor(peer);
  serveNotes(peer);
  serveCollections(peer);
  listen(peer);
  return peer;
}

async function serveActor({ federation, aliases }) {
  // RSA signs HTTP requests; Ed25519 adds a FEP-8b32 proof to what is sent.
  const keys = await Promise.all(["RSASSA-PKCS1-v1_5", "Ed25519"].map(generateCryptoKeyPair));

  federation
    .setActorDispatcher("/users/{identifier}", async (ctx, identifier) => {
      if (identifier !== NAME) return null;
      const pairs = await ctx.getActorKeyPairs(identifier);
      return new Person({
        id: ctx.getActorUri(identifier),
        preferredUsername: identifier,
        name: "Fedify Reader",
        url: ctx.getActorUri(identifier),
        inbox: ctx.getInboxUri(identifier),
        endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
        outbox: ctx.getOutboxUri(identifier),
        followers: ctx.getFollowersUri(identifier),
        aliases: [...aliases].map((id) => new URL(id)),
        publicKey: pairs[0].cryptographicKey,
        assertionMethods: pairs.map((pair) => pair.multikey),
      });
    })
    .setKeyPairsDispatcher((_ctx, identifier) => (identifier === NAME ? keys : []));
}

function serveNotes({ federation, notes }) {
  // A deleted note is replaced by its Tombstone, which Fedify serves with 200.
  federation.setObjectDispatcher(Note, NOTE_PATH, (ctx, values) =>
    notes.get(ctx.getObjectUri(Note, values).href) ?? null);
}

function serveCollections({ federation, followers, notes }) {
  // For followers synchronization (FEP-8fcf) Fedify takes the part of one server out of it.
  federation.setFollowersDispatcher("/users/{identifier}/followers", () => ({
    items: [...followers.values()],
  }));
  federation.setOutboxDispatcher("/users/{identifier}/outbox", () => ({
    items: [...notes.values()]
      .filter((note) => !(note instanceof Tombstone))
      .map((note) => new Create({
        id: new URL("#create", note.id),
        actor: note.attributionId,
        object: note,
      })),
  }));
}

function listen({ federation, received, followers, follows }) {
  const record = async (ctx, activity) => {
    const [json, typed] = [await activity.toJsonLd(ctx), await understood(activity)];
    received.push({ ...json, actor: activity.actorId?.href, verified: true, understood: typed });
  };
  federation
    .setInboxListeners("/users/{identifier}/inbox", "/inbox")
    // Keys of servers in secure mode are fetched signed.
    .setSharedKeyDispatcher(() => ({ identifier: NAME }))
    .on(Follow, async (ctx, follow) => {
      await record(ctx, follow);
      const follower = await follow.getActor(ctx);
      followers.set(follower.id.href, follower);
      follows.set(follower.id.href, follow);
      const accept = new Accept({
        id: new URL(`#accepts/${crypto.randomUUID()}`, follow.objectId),
        actor: follow.objectId,
        object: follow,
      });
      await ctx.sendActivity({ identifier: NAME }, follower, accept);
    })
    .on(Undo, async (ctx, undo) => {
      await record(ctx, undo);
      if (await undo.getObject(ctx) instanceof Follow) followers.delete(undo.actorId.href);
    })
    // Every other type: listeners are looked up from the type to its ancestors.
    .on(Activity, record);
}

/** What Fedify made of an activity: classes and ids, read from its typed objects and not the JSON. */
async function understood(activity) {
  const object = await activity.getObject(AS_EMBEDDED);
  return {
    type: activity.constructor.name,
    actor: activity.actorId?.href,
    objects: activity.objectIds.map((id) => id.href),
    object: object == null ? undefined : await describe(object),
    target: activity.targetId?.href,
    result: activity.resultId?.href,
  };
}

/** Reads what is embedded, of any origin, and fetches nothing. */
const AS_EMBEDDED = {
  crossOrigin: "trust",
  suppressError: true,
  documentLoader: () => Promise.reject(new Error("only what is embedded")),
};

async function describe(object) {
  const tags = await Array.fromAsync(object.getTags(AS_EMBEDDED));
  return {
    type: object.constructor.name,
    id: object.id?.href,
    actor: object.actorId?.href,
    object: object.objectId?.href,
    inReplyTo: object.replyTargetId?.href,
    content: object.content?.toString(),
    publicKey: object.publicKeyId?.href,
    mentions: tags.filter((tag) => tag instanceof Mention).map((tag) => tag.href.href),
  };
}

async function fetchAndCountRejected(peer, request) {
  const response = await peer.federation
    .fetch(request, { contextData: undefined })
    // Fedify throws for a JSON-LD context that is neither built in nor can be fetched.
    .catch((error) => new Response(String(error), { status: 500 }));
  if (request.method === "POST" && !response.ok) {
    peer.rejected.push({ status: response.status, reason: await response.clone().text() });
  }
  return response;
}
