"""The errors that a user can mend."""


class KeyRAGError(Exception):
    """Something a user can mend; its text is one line that names what is wrong and the way out."""


class LoadError(KeyRAGError):
    """A file that can't be read."""


class NotFoundError(KeyRAGError):
    """A knowledge base, document, unit or job that does not exist."""
