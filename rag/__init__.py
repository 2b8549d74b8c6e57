"""A question in, a cited answer out: retrieve, pack, prompt, answer, checks."""

__version__ = "0.1.0"
