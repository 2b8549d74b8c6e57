"""A question in, a cited answer out: retrieve, pack, prompt, answer, checks."""
