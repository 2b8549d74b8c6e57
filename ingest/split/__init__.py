"""Article > segment > sentence."""

from ingest.split.splitter import Splitter, shape

__all__ = ["Splitter", "shape"]
