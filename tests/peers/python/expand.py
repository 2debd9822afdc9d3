"""Expands JSON-LD: a document on standard input, its expanded form on standard output.

Contexts are read from files alone; one that is not there is an error. With "normalize" as argument, the documents'
canonical N-Quads (URDNA2015) are written instead.
"""

import json
import sys
from pathlib import Path

from pyld import jsonld

CONTEXTS = Path(__file__).resolve().parents[3] / "src" / "crypto" / "contexts"
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
options = {"documentLoader": load}
if sys.argv[1:] == ["normalize"]:
    options |= {"algorithm": "URDNA2015", "format": "application/n-quads"}
    results = [jsonld.normalize(document, options) for document in documents]
else:
    results = [jsonld.expand(document, options) for document in documents]
json.dump(results, sys.stdout)
