"""Why a backup is not taken, or not brought back; the text is the sentence that people read."""


class BackupRefused(Exception):
    """Something does not fit, and nothing was changed."""


class BackupBroken(BackupRefused):
    """The backup is not what it was when it was taken."""


class DatabaseInUse(Exception):
    """Somebody is connected to the database that should be filled."""
