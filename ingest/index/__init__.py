"""The two-level index: SQLite is the truth, FAISS and tantivy are caches of it."""
