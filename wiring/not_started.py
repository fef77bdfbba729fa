"""Why a process could not begin; apart from what begins, so that light verbs stay light."""


class CouldNotStart(Exception):
    """The port, the lock or the database did not let us; the text says which."""
