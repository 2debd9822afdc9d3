"""Writes and reads a post with the client `micropub`. Arguments: the endpoint, and a token."""

import json
import sys

import micropub

client = micropub.Client(*sys.argv[1:])
client.create_post({"name": ["By another client"], "content": ["Words."]})
listed = client.get(params={"q": "source"}).json()
url = listed["items"][0]["properties"]["url"][0]
print(json.dumps(client.get_post(url).json()))
