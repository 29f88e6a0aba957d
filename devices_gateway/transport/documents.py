"""The committed GraphQL documents and their names on the wire."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from graphql import DocumentNode, parse

FOLDER = Path(__file__).parents[1] / "documents"


@dataclass(frozen=True)
class Document:
    """One operation; `id` is `sha256:` and the digest of its file's text, stripped."""

    name: str
    text: str

    @cached_property
    def id(self) -> str:
        return "sha256:" + hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def parsed(self) -> DocumentNode:
        return parse(self.text)


@cache
def documents() -> Mapping[str, Document]:
    """Every document by its file's name: `payment_code_charge`."""
    return {
        path.stem: Document(path.stem, path.read_text("utf-8").strip())
        for path in sorted(FOLDER.glob("*.graphql"))
    }
