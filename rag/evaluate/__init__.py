"""Measure retrieval and answers on question sets, with LangChain recipes beside."""
