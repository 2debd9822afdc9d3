"""What a test can make the peer do: JSON over HTTP under /control/.

A call answers when the delivery has been answered, with its HTTP `status`; what failed is 502 with
`error`, and `status` if there was one.
"""

from aiohttp import ClientResponseError, web
from bovine.activitystreams.link import Link
from bovine.activitystreams.object_factory import Object
from bovine.activitystreams.utils import fediverse_handle_from_actor
from bovine.utils import now_isoformat

from peer import Peer


def add_control(peer: Peer, app: web.Application) -> None:
    """Adds the routes of `Control` to `app`."""
    control = Control(peer)

    async def handle(request: web.Request) -> web.Response:
        name = request.match_info["action"]
        action = getattr(control, name.replace("-", "_"), None)
        if action is None:
            return web.json_response({"error": f"no such action: {name}"}, status=404)
        argument = await request.json() if request.method == "POST" else {}
        try:
            return web.json_response(await action(**argument))
        except ClientResponseError as error:
            answer = {"error": str(error), "status": error.status}
        except Exception as error:
            answer = {"error": repr(error)}
        return web.json_response(answer, status=502)

    app.router.add_route("*", "/control/{action:[a-z][a-z-]*}", handle)


class Control:
    """One public method for each action; its parameters are the fields of the JSON body."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def lookup(self, handle: str) -> dict:
        """What WebFinger and the actor document say."""
        actor = await self._peer.find_handle(handle)
        keys = [key.id for key in actor.cryptographic_identifiers]
        return {**actor.data, "publicKeys": keys}

    async def fetch(self, id: str) -> dict:
        """Any object, by a signed request; bovine makes a Tombstone of 404 and 410."""
        return await self._peer.client.get(id)

    async def follow(self, actor: str) -> dict:
        follow = self._peer.activities.follow(actor).build()
        self._peer.sent["follow", actor] = follow
        return await self._send(actor, follow)

    async def unfollow(self, actor: str) -> dict:
        return await self._undo(("follow", actor), actor)

    async def reject(self, actor: str) -> dict:
        """Ends the follow that was accepted."""
        follow = self._peer.follows[actor]
        self._peer.followers.discard(actor)
        reject = self._peer.activities.reject(follow, include_activity=True).build()
        return await self._send(actor, reject)

    async def block(self, actor: str) -> dict:
        return await self._send(actor, self._peer.activities.block(actor).build())

    async def write(self, content: str) -> dict:
        """A public note that nobody is told of."""
        document = self._peer.objects.note(content=content).as_public().build()
        self._peer.notes[document["id"]] = document
        return {"id": document["id"]}

    async def like(self, object: str, to: str) -> dict:
        like = self._peer.activities.like(object, to={to}).build()
        self._peer.sent["like", object] = like
        return await self._send(to, like)

    async def undo_like(self, object: str, to: str) -> dict:
        return await self._undo(("like", object), to)

    async def boost(self, object: str, to: str) -> dict:
        announce = self._peer.activities.announce(object, cc={to}).as_public().build()
        self._peer.sent["boost", object] = announce
        return await self._send(to, announce)

    async def undo_boost(self, object: str, to: str) -> dict:
        return await self._undo(("boost", object), to)

    async def reply(self, inReplyTo: str, to: str, content: str) -> dict:  # noqa: N803
        """A public note that mentions `to`."""
        author = await self._peer.find_actor(to)
        name = fediverse_handle_from_actor(author.data)
        mention = Link(type="Mention", href=to, name=name).build()
        note = self._peer.objects.note(
            in_reply_to=inReplyTo, content=content, to={to}, tag=[mention]
        )
        document = note.as_public().build()
        self._peer.notes[document["id"]] = document
        sent = await self._send(to, self._peer.activities.create(document).build())
        return {**sent, "id": document["id"]}

    async def edit(self, id: str, content: str) -> dict:
        note = self._stored(id)
        note |= {"content": content, "updated": now_isoformat()}
        update = self._peer.activities.update(note).build()
        return await self._send(note["tag"][0]["href"], update)

    async def delete(self, id: str) -> dict:
        to = self._stored(id)["tag"][0]["href"]
        tombstone = Object(type="Tombstone", id=id).build()
        self._peer.notes[id] = tombstone
        return await self._send(to, self._peer.activities.delete(tombstone, to={to}).build())

    async def received(self) -> dict:
        """What passed bovine's verification, and how many inbox requests did not."""
        return {
            "activities": self._peer.received,
            "rejected": len(self._peer.rejected),
            "rejections": self._peer.rejected,
            "followers": sorted(self._peer.followers),
        }

    async def _send(self, to: str, activity: dict) -> dict:
        actor = await self._peer.find_actor(to)
        response = await self._peer.client.post(actor.data["inbox"], activity)
        return {"id": activity["id"], "status": response.status}

    async def _undo(self, key: tuple[str, str], to: str) -> dict:
        activity = self._peer.sent[key]
        undo = self._peer.activities.undo(activity, include_activity=True).build()
        return await self._send(to, undo)

    def _stored(self, id: str) -> dict:
        note = self._peer.notes[id]
        if note["type"] == "Tombstone":
            raise ValueError(f"deleted: {id}")
        return note
