"""Article > segment > sentence."""

from ingest.split.structure import split

__all__ = ["split"]
