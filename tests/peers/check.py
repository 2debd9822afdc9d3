"""Proves the two peers against each other, both ways, without Pamphlet: `python3 check.py`.

Needs `fedify/install.sh` and `python/install.sh` to have run; ends with 0 if all is as it should
be, and else with the first thing that is not.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).parent
FEDIFY = ["node_modules/.bin/node", "main.js"]
PYTHON = [".venv/bin/python", "main.py"]


@contextlib.contextmanager
def peer(folder: str, command: list[str], **env: str):
    """A running peer's origin; the peer ends with the block, by its closed standard input."""
    process = subprocess.Popen(
        command,
        cwd=HERE / folder,
        env={**os.environ, "PORT": "0", **env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        word, origin = process.stdout.readline().split()
        assert word == "READY"
        yield origin
    finally:
        process.stdin.close()
        process.wait(timeout=10)


def get(url: str) -> tuple[int, dict]:
    request = urllib.request.Request(url, headers={"Accept": "application/activity+json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


def post(url: str, **body: str) -> dict:
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{url}: {error.code} {error.read().decode()}") from error


def received(origin: str) -> dict:
    return get(f"{origin}/control/received")[1]


def everything(sender: str, receiver: str) -> None:
    """`sender` does all it can to `receiver`, which must have verified each of it."""
    me, them = f"{sender}/users/reader", f"{receiver}/users/reader"
    host = receiver.removeprefix("http://")

    def order(action: str, **body: str) -> dict:
        answer = post(f"{sender}/control/{action}", **body)
        if action not in ("lookup", "fetch"):
            assert answer["status"] == 202, (action, answer)
        return answer

    found = order("lookup", handle=f"@reader@{host}")
    assert (found["id"], found["inbox"]) == (them, f"{them}/inbox"), found
    order("follow", actor=them)
    assert received(receiver)["followers"] == [me]
    note = order("reply", inReplyTo=them, to=them, content="<p>one</p>")["id"]
    assert order("fetch", id=note)["content"] == "<p>one</p>"
    order("edit", id=note, content="<p>two</p>")
    status, document = get(note)
    assert (status, document["content"]) == (200, "<p>two</p>"), document
    order("like", object=note, to=them)
    order("undo-like", object=note, to=them)
    order("boost", object=note, to=them)
    order("undo-boost", object=note, to=them)
    order("delete", id=note)
    assert get(note)[1]["type"] == "Tombstone"
    order("unfollow", actor=them)

    came = received(receiver)
    types = [activity["type"] for activity in came["activities"] if activity["actor"] == me]
    expected = "Follow Create Update Like Undo Announce Undo Delete Undo".split()
    # An Accept of what the other direction did before may stand among them.
    assert [t for t in types if t != "Accept"] == expected, types
    assert came["followers"] == []
    accepts = [a for a in received(sender)["activities"] if a["type"] == "Accept"]
    assert [a["actor"] for a in accepts] == [them], accepts


def unsigned_is_rejected(origin: str) -> None:
    before = received(origin)
    inbox = f"{origin}/users/reader/inbox"
    actor = f"{origin}/users/reader"
    try:
        post(inbox, type="Like", id=f"{origin}/x", actor=actor, object=actor)
        raise SystemExit(f"{origin} took an unsigned activity")
    except AssertionError:
        after = received(origin)
    assert after["rejected"] == before["rejected"] + 1
    assert after["activities"] == before["activities"]


def main() -> None:
    for knock in "rfc9421", "draft-cavage-http-signatures-12":
        with peer("fedify", FEDIFY, FIRST_KNOCK=knock) as fedify, peer("python", PYTHON) as python:
            everything(fedify, python)
            everything(python, fedify)
            print(f"{knock}: rejected by Python: {received(python)['rejections']}")
            print(f"{knock}: rejected by Fedify: {received(fedify)['rejections']}")
            unsigned_is_rejected(fedify)
            unsigned_is_rejected(python)
    print("2 passed, 0 failed")


if __name__ == "__main__":
    main()
