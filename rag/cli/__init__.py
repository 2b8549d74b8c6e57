"""The ``keyrag`` command line: a file a command group, every command one thing."""

from rag.cli.app import main

__all__ = ["main"]
