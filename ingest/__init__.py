"""Documents in, two-level index out: load, split, key information, embed, index."""
