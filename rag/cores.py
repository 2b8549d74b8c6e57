"""As much heavy work at once as there are cores: of many questions that come together each is done sooner."""

from __future__ import annotations

import os
import threading

CORES = threading.BoundedSemaphore(os.cpu_count() or 1)
"""To be held while a question is searched for or an answer checked, and not while the language model writes."""
