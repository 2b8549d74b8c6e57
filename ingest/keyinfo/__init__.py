"""Key information: the short texts that stand for units and are all that is embedded.

An extractor takes units and gives the texts of their keys; a new kind is a small file and a line in
:mod:`ingest.keyinfo.kinds`.
"""

from ingest.keyinfo.kinds import PLAIN, extractors, key_shape, keys

__all__ = ["PLAIN", "extractors", "key_shape", "keys"]
