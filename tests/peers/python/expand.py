"""Expands JSON-LD: a document on standard input, its expanded form on standard output.

Contexts are read from files beside the tests alone; one that is not there is an error.
"""

import json
import sys
from pathlib import Path

from pyld import jsonld

CONTEXTS = Path(__file__).resolve().parents[2] / "fixtures" / "contexts"
FILES = {
    "https://www.w3.org/ns/activitystreams": "activitystreams.json",
    "https://w3id.org/security/v1": "security-v1.json",
    "https://w3id.org/security/data-integrity/v1": "data-integrity-v1.json",
}


def load(url, options):
    """The document loader that PyLD asks for contexts."""
    document = json.loads((CONTEXTS / FILES[url]).read_text())
    return {"contextUrl": None, "documentUrl": url, "document": document}


documents = json.load(sys.stdin)
expanded = [jsonld.expand(document, {"documentLoader": load}) for document in documents]
json.dump(expanded, sys.stdout)
