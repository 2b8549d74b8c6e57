"""Embedding and chat models from the settings, and the catalogue they come from."""
