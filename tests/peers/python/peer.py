"""The peer as the fediverse sees it: one actor, @reader, with its inbox, notes and collections.

Signing, signature verification, WebFinger look-ups and the shapes of actors, objects and
activities are bovine's; this file serves them and keeps what came in. Documents are read as plain
JSON, as many servers do: bovine's JSON-LD layer fetches every context from the network.
"""

import json
import uuid

from aiohttp import web
from bovine import BovineActor, parse
from bovine.activitystreams import Actor, OrderedCollection, factories_for_actor_object
from bovine.clients import lookup_uri_with_webfinger
from bovine.crypto import build_validate_http_signature_raw, generate_rsa_public_private_key
from bovine.parse.helper import reduce_to_ids, unknown_to_list
from bovine.utils import parse_fediverse_handle, webfinger_response_json

ACTIVITY_JSON = "application/activity+json"


class Peer:
    """One actor and what it knows; made by `start`."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.id = f"{origin}/users/reader"
        public_key, private_key = generate_rsa_public_private_key()
        self.document = Actor(
            id=self.id,
            name="Python Reader",
            preferred_username="reader",
            inbox=f"{self.id}/inbox",
            outbox=f"{self.id}/outbox",
            url=self.id,
            public_key=public_key,
            public_key_name="main-key",
            # Actor.build() shows followers to the owner alone; others need to address them.
            properties={"followers": f"{self.id}/followers"},
        ).build()
        self.client = BovineActor(
            actor_id=self.id, public_key_url=f"{self.id}#main-key", secret=private_key
        )
        self.activities, self.objects = factories_for_actor_object(
            self.document, id_generator=self.new_id
        )
        self.verify = build_validate_http_signature_raw(self.fetch_key)
        self.received: list[dict] = []
        self.rejected: list[dict] = []
        self.followers: set[str] = set()
        self.follows: dict[str, dict] = {}
        self.notes: dict[str, dict] = {}
        self.sent: dict[str, dict] = {}

    @classmethod
    async def start(cls, origin: str, app: web.Application) -> "Peer":
        """Makes the peer that answers under `origin`, and adds its routes to `app`."""
        peer = cls(origin)
        await peer.client.init()
        app.add_routes(
            [
                web.get("/.well-known/webfinger", peer.serve_webfinger),
                web.get("/users/reader", peer.serve_actor),
                web.get("/users/reader/outbox", peer.serve_outbox),
                web.get("/users/reader/followers", peer.serve_followers),
                web.get("/things/{uuid}", peer.serve_note),
                web.post("/users/reader/inbox", peer.serve_inbox),
            ]
        )
        return peer

    def new_id(self) -> str:
        return f"{self.origin}/things/{uuid.uuid4()}"

    async def find_actor(self, actor_id: str) -> parse.Actor:
        """Fetches an actor, signed, and checks it as bovine does: inbox and outbox are needed."""
        document = await self.client.get(actor_id)
        if not isinstance(document, dict) or document.get("type") == "Tombstone":
            raise ValueError(f"no actor at {actor_id}")
        # "about:bovine" tells bovine that the document needs no JSON-LD processing.
        return parse.Actor({**document, "@context": "about:bovine"})

    async def find_handle(self, handle: str) -> parse.Actor:
        """Resolves `@user@host:port` by WebFinger, over http since the loopback has no TLS."""
        user, host = parse_fediverse_handle(handle)
        actor_id, _ = await lookup_uri_with_webfinger(
            self.client.session, f"acct:{user}@{host}", domain=f"http://{host}"
        )
        if actor_id is None:
            raise ValueError(f"WebFinger knows no {handle}")
        return await self.find_actor(actor_id)

    async def fetch_key(self, key_id: str):
        """The key that a signature names, from its actor's `publicKey` or `assertionMethod`."""
        actor = await self.find_actor(key_id)
        keys = actor.cryptographic_identifiers
        return next((key for key in keys if key.id == key_id), None)

    async def serve_webfinger(self, request: web.Request) -> web.Response:
        handle = f"acct:reader@{self.origin.removeprefix('http://')}"
        if request.query.get("resource") not in (handle, self.id):
            raise web.HTTPNotFound
        answer = webfinger_response_json(handle, self.id)
        return web.json_response(answer, content_type="application/jrd+json")

    async def serve_actor(self, _request: web.Request) -> web.Response:
        return web.json_response(self.document, content_type=ACTIVITY_JSON)

    async def serve_outbox(self, _request: web.Request) -> web.Response:
        return self.collection("outbox", list(self.notes))

    async def serve_followers(self, _request: web.Request) -> web.Response:
        return self.collection("followers", sorted(self.followers))

    def collection(self, name: str, items: list) -> web.Response:
        answer = OrderedCollection(id=f"{self.id}/{name}", items=items, count=len(items)).build()
        return web.json_response(answer, content_type=ACTIVITY_JSON)

    async def serve_note(self, request: web.Request) -> web.Response:
        note = self.notes.get(f"{self.origin}{request.path}")
        if note is None:
            raise web.HTTPNotFound
        status = 410 if note["type"] == "Tombstone" else 200
        return web.json_response(note, status=status, content_type=ACTIVITY_JSON)

    async def serve_inbox(self, request: web.Request) -> web.Response:
        signer = await self.signer_of(request)
        if signer is None:
            return self.reject(401, "the signature does not verify")
        try:
            activity = json.loads(await request.read())
            parsed = parse.Activity({**activity, "@context": "about:bovine"})
            actor, typed = parsed.actor_id, await understood(parsed)
        except (ValueError, TypeError) as error:
            return self.reject(400, str(error))
        if actor != signer:
            return self.reject(401, f"signed by {signer}, but the actor is {actor}")
        record = {**activity, "actor": actor, "verified": True, "understood": typed}
        self.received.append(record)
        await self.take(activity, actor)
        return web.Response(status=202)

    async def signer_of(self, request: web.Request) -> str | None:
        """The actor whose key signed the request, by bovine's own verifier."""
        try:
            return await self.verify(
                request.method, f"{self.origin}{request.path_qs}", request.headers, request.read
            )
        except Exception:  # bovine raises all kinds of errors on a malformed signature
            return None

    def reject(self, status: int, reason: str) -> web.Response:
        self.rejected.append({"status": status, "reason": reason})
        return web.json_response({"error": reason}, status=status)

    async def take(self, activity: dict, actor: str) -> None:
        """What receiving does: a Follow is accepted, an undone one forgotten."""
        match activity.get("type"), activity.get("object"):
            case "Follow", _:
                self.followers.add(actor)
                self.follows[actor] = activity
                accept = self.activities.accept(activity, include_activity=True).build()
                await self.client.post((await self.find_actor(actor)).data["inbox"], accept)
            case "Undo", {"type": "Follow"}:
                self.followers.discard(actor)


async def understood(activity: parse.Activity) -> dict:
    """What bovine's parsers make of an activity; they know follows and posts more closely."""
    follow = await activity.accept_for_follow(nothing) or await activity.undo_of_follow(nothing)
    post = await activity.object_for_create(nothing)
    objects = reduce_to_ids(unknown_to_list(activity.data.get("object")))
    about = {"id": activity.object_id}
    if follow is not None:
        about |= {"type": "Follow", "actor": follow.actor_id, "object": follow.object_id}
    if post is not None:
        mentions = [mention["href"] for mention in post.mentions]
        about = {"id": post.identifier, "inReplyTo": post.in_reply_to, "mentions": mentions}
    kind = activity.data["type"]
    return {"type": kind, "actor": activity.actor_id, "objects": objects, "object": about}


async def nothing(_id: str) -> None:
    """Retrieves nothing: what counts is embedded."""
