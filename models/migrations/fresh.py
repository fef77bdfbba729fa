"""The schema as the models describe it: what 0001 is made of until the first release."""

import re

from tortoise.context import TortoiseContext
from tortoise.utils import get_schema_sql

from models.database import orm_settings
from models.migrations.files import Dialect

_SQLITE_COMMENT = re.compile(r" /\* (?:[^*]|\*(?!/))* \*/")
_POSTGRES_COMMENT = re.compile(r"^COMMENT ON .*\n?", re.MULTILINE)
_URLS = {"sqlite": "sqlite://:memory:", "postgres": "postgres://postgres@localhost/loket"}


async def schema_of_the_models(dialect: Dialect) -> str:
    """``CREATE`` statements for an empty database.  Nothing is connected to; comments stay in the models."""
    context = TortoiseContext()
    async with context:
        await context.init(config=orm_settings(_URLS[dialect]))
        sql = get_schema_sql(context.db(), safe=False)
    return _POSTGRES_COMMENT.sub("", _SQLITE_COMMENT.sub("", sql)).strip() + "\n"
