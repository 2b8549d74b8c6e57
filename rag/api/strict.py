"""The base of request bodies."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A body whose unknown fields are refused, so that a misspelt one is not passed over."""

    model_config = ConfigDict(extra="forbid")
