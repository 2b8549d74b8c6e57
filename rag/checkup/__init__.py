"""The check-up behind ``keyrag doctor``: what is in place, what is not, and what to do."""
