"""The one exception that a user is meant to read."""


class InputError(ValueError):
    """Something given by the user cannot be used; one line: what, where, and what to do."""
