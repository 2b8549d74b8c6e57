"""The errors that a user can mend."""


class KeyRAGError(Exception):
    """Something a user can mend; its text is one line that names what is wrong and the way out."""


class LoadError(KeyRAGError):
    """A file that can't be read."""


class BusyError(KeyRAGError):
    """A knowledge base that another process is writing to."""


class ModelError(KeyRAGError):
    """A language model that can't be reached, or refuses the request."""


class ClusterError(KeyRAGError):
    """A search cluster that can't be reached, or refuses the request."""


class NotFoundError(KeyRAGError):
    """A knowledge base, document, unit or job that does not exist."""
