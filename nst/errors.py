"""The exceptions that a user is meant to read."""


class InputError(ValueError):
    """Something given by the user cannot be used; one line: what, where, and what to do."""


class UnreachableError(InputError):
    """No connection to where an input comes from: what else is missing will not come either."""


class OtherSettingsError(InputError):
    """A record of other settings is where the run's would be."""


class BusyError(InputError):
    """Another process is computing the cell: nothing is wrong with it."""


class CellError(InputError):
    """A cell of a sweep failed in another process; the other cells go on."""
