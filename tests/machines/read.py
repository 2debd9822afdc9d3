"""Reads a publication as programs do that others wrote: feedparser, mf2py and PyLD.

Arguments: the origin of the node, the address of its illustrated article with comments, a text that only the part
behind a content warning has. Prints what is wrong, and exits with 1 then.
"""

import json
import re
import sys
import urllib.request

import feedparser
import mf2py
from pyld import jsonld

origin, article, hidden = sys.argv[1:]
wrong = []


def check(condition, message):
    if not condition:
        wrong.append(message)


def get(url):
    with urllib.request.urlopen(url) as response:
        return response.read(), dict(response.headers)


def read_feed(url, at_least):
    body, headers = get(url)
    feed = feedparser.parse(body, response_headers={k.lower(): v for k, v in headers.items()})
    check(not feed.bozo, f"{url}: {feed.get('bozo_exception')}")
    check(feed.feed.get("title") and feed.feed.get("link"), f"{url}: no title or link")
    check(len(feed.entries) >= at_least, f"{url}: {len(feed.entries)} entries")
    for entry in feed.entries:
        for key in ("id", "link", "author", "content", "published_parsed", "updated_parsed"):
            check(entry.get(key), f"{url}: {entry.get('link')} has no {key}")
        check(hidden not in entry.get("summary", ""), f"{url}: the summary tells {hidden}")
    return feed


def read_feeds():
    for ending in ("atom", "rss"):
        site = read_feed(f"{origin}/feed.{ending}", 2)
        read_feed(f"{origin}/tags/film/feed.{ending}", 1)
        read_feed(f"{origin}/authors/ana/feed.{ending}", 1)
        comments = read_feed(f"{article}/comments.{ending}", 1)
        entry = next((e for e in site.entries if e.link == article), None)
        check(entry, f"{ending}: the article is missing")
        if not entry:
            continue
        html = entry.content[0].value
        for part in ("<table", "<figure", "<img", "footnote"):
            check(part in html, f"{ending}: no {part} in the text")
        relative = re.findall(r'(?:src|href)="(?!https?:|mailto:)[^"]*"', html)
        check(not relative, f"{ending}: relative addresses {relative}")
        enclosure = next(iter(entry.get("enclosures", [])), None)
        check(enclosure and int(enclosure.get("length", 0)) > 0, f"{ending}: enclosure {enclosure}")
        check(comments.entries[-1].link.startswith(article), f"{ending}: {comments.entries[-1].link}")


def items(parsed, kind):
    return [item for item in parsed if kind in item["type"]]


def check_author(where, properties):
    author = (properties.get("author") or [{}])[0]
    check(isinstance(author, dict) and "h-card" in author.get("type", []), f"{where}: author {author}")
    card = author.get("properties", {}) if isinstance(author, dict) else {}
    check(card.get("name"), f"{where}: the author has no name")
    return card


def read_microformats():
    for path in ("/", "/tags/film", "/authors/ana"):
        parsed = mf2py.parse(url=origin + path)["items"]
        feeds = items(parsed, "h-feed")
        check(feeds, f"{path}: no h-feed")
        for feed in feeds[:1]:
            check(feed["properties"].get("name"), f"{path}: the h-feed has no name")
            entries = items(feed.get("children", []), "h-entry")
            check(entries, f"{path}: no h-entry")
            for entry in entries:
                properties = entry["properties"]
                for key in ("name", "url", "published"):
                    check(properties.get(key), f"{path}: an h-entry has no {key}: {properties}")
                check_author(path, properties)
    cards = items(mf2py.parse(url=origin + "/authors/ana")["items"], "h-card")
    check(cards and cards[0]["properties"].get("url"), f"/authors/ana: {cards}")
    entries = items(mf2py.parse(url=article)["items"], "h-entry")
    check(len(entries) == 1, f"{article}: {len(entries)} h-entries")
    properties = entries[0]["properties"]
    for key in ("name", "url", "published", "content", "category", "featured", "comment"):
        check(properties.get(key), f"{article}: no {key}")
    check(check_author(article, properties).get("url"), f"{article}: the author has no address")
    for comment in properties.get("comment", []):
        check("h-cite" in comment["type"], f"{article}: {comment['type']}")
        for key in ("content", "published", "url"):
            check(comment["properties"].get(key), f"{article}: a comment has no {key}")
        check_author(article + " comment", comment["properties"])


SCHEMA = "https://schema.org/"
# The part of schema.org's context that matters here. The processor loads nothing.
CONTEXT = {
    "@context": {
        "@vocab": SCHEMA,
        "id": "@id",
        "type": "@type",
        **{name: {"@type": "@id"} for name in ("url", "mainEntityOfPage", "sameAs", "urlTemplate")},
        **{name: {"@type": "Date"} for name in ("datePublished", "dateModified")},
    }
}


def load(url, _options=None):
    if url.rstrip("/") not in ("https://schema.org", "http://schema.org"):
        raise ValueError(f"{url} is not to be loaded")
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": CONTEXT}


def described(url):
    html = get(url)[0].decode()
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    check(len(found) == 1, f"{url}: {len(found)} descriptions")
    if not found:
        return {}
    expanded = jsonld.expand(json.loads(found[0]), {"documentLoader": load})
    check(hidden not in json.dumps(expanded), f"{url}: the description tells {hidden}")
    return expanded[0]


def read_json_ld():
    home = described(origin + "/")
    check(home.get("@type") == [SCHEMA + "WebSite"], f"home: {home.get('@type')}")
    check(SCHEMA + "potentialAction" in home, "home: no search")
    person = described(origin + "/authors/ana")
    check(person.get("@type") == [SCHEMA + "ProfilePage"], f"author: {person.get('@type')}")
    post = described(article)
    check(post.get("@type") == [SCHEMA + "BlogPosting"], f"article: {post.get('@type')}")
    for name in ("headline", "datePublished", "author", "publisher", "image", "comment", "commentCount", "inLanguage",
                 "interactionStatistic", "mainEntityOfPage"):
        check(post.get(SCHEMA + name), f"article: no {name}")
    for comment in post.get(SCHEMA + "comment", []):
        check(comment.get("@id", "").startswith(origin), f"comment: {comment.get('@id')}")
        for name in ("author", "datePublished", "text"):
            check(comment.get(SCHEMA + name), f"comment: no {name}")
    dataset = jsonld.to_rdf(post, {"documentLoader": load})
    check(len(dataset["@default"]) > 20, "article: hardly any statements")


read_feeds()
read_microformats()
read_json_ld()
print("\n".join(wrong))
sys.exit(1 if wrong else 0)
