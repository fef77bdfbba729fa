"""The models and the database say the same: every table, column, type, null, unique and reference."""

from collections.abc import Iterator

from tortoise import Tortoise
from tortoise.models import Model

from models.database import is_postgres
from models.migrate import pending
from tests.migrations.outside import query, tables

ADVICE = "until the first release: python -m models.migrate --print-schema ENGINE > models/migrations/0001_…"
OWN = "schema_versions"

# The models' words for a type -> how PostgreSQL calls it
POSTGRES_TYPES = {"TIMESTAMPTZ": "timestamp with time zone", "INT": "integer", "BOOL": "boolean"}

POSTGRES_COLUMNS = """
SELECT table_name, column_name,
       CASE data_type WHEN 'character varying' THEN 'varchar(' || character_maximum_length || ')'
                      ELSE data_type END,
       is_nullable = 'YES'
  FROM information_schema.columns WHERE table_schema = 'public'
"""
POSTGRES_UNIQUES = """
SELECT i.indrelid::regclass::text,
       (SELECT string_agg(a.attname, ',' ORDER BY a.attname) FROM pg_attribute a
         WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey))
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
 WHERE i.indisunique AND i.indpred IS NULL AND c.relnamespace = 'public'::regnamespace
"""
POSTGRES_REFERENCES = """
SELECT conrelid::regclass::text, a.attname, confrelid::regclass::text,
       CASE confdeltype WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE' ELSE confdeltype::text END
  FROM pg_constraint JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]
 WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""
SQLITE_COLUMNS = """
SELECT t.name, c.name, lower(c.type), NOT c."notnull"
  FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
"""
SQLITE_UNIQUES = """
SELECT t.name, (SELECT group_concat(name) FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY name))
  FROM sqlite_master t, pragma_index_list(t.name) i
 WHERE t.type = 'table' AND i."unique" AND NOT i.partial
UNION
SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' AND c.pk = 1
"""
SQLITE_REFERENCES = """
SELECT t.name, r."from", r."table", r.on_delete
  FROM sqlite_master t, pragma_foreign_key_list(t.name) r WHERE t.type = 'table'
"""


def every_model() -> Iterator[type[Model]]:
    assert Tortoise.apps is not None
    yield from Tortoise.apps["models"].values()


def declared_columns(dialect: str) -> Iterator[tuple[str, str, str, bool]]:
    for model in every_model():
        for name, column in model._meta.fields_db_projection.items():
            field = model._meta.fields_map[name]
            sql = str(field.get_for_dialect(dialect, "SQL_TYPE"))
            if dialect == "sqlite" and field.pk and field.generated:
                sql = "INTEGER"
            if dialect == "postgres":
                sql = POSTGRES_TYPES.get(sql, sql)
            yield model._meta.db_table, column, sql.lower(), field.null


def declared_uniques() -> Iterator[tuple[str, str]]:
    for model in every_model():
        meta = model._meta
        for name, column in meta.fields_db_projection.items():
            if meta.fields_map[name].unique or meta.fields_map[name].pk:
                yield meta.db_table, column
        for together in meta.unique_together:
            yield meta.db_table, ",".join(sorted(meta.fields_db_projection[name] for name in together))


def declared_references() -> Iterator[tuple[str, str, str, str]]:
    for model in every_model():
        for name in model._meta.fk_fields | model._meta.o2o_fields:
            field = model._meta.fields_map[name]
            source = model._meta.fields_db_projection[str(field.source_field)]
            yield model._meta.db_table, source, field.related_model._meta.db_table, str(field.on_delete)  # type: ignore[attr-defined]


async def in_the_database(url: str, postgres: str, sqlite: str) -> set[tuple[object, ...]]:
    return {row for row in await query(url, postgres if is_postgres() else sqlite) if row[0] != OWN}


async def test_every_table(database: str) -> None:
    assert {model._meta.db_table for model in every_model()} | {OWN} == set(await tables(database)), ADVICE
    assert await pending(database) == []


async def test_every_column_its_type_and_whether_it_may_be_null(database: str) -> None:
    found = {
        (table, column, kind, bool(null))
        for table, column, kind, null in await in_the_database(database, POSTGRES_COLUMNS, SQLITE_COLUMNS)
    }
    assert found == set(declared_columns("postgres" if is_postgres() else "sqlite")), ADVICE


async def test_every_unique_on_which_exactly_once_stands(database: str) -> None:
    found = await in_the_database(database, POSTGRES_UNIQUES, SQLITE_UNIQUES)
    assert {(table, ",".join(sorted(str(columns).split(",")))) for table, columns in found} == set(
        declared_uniques()
    ), ADVICE


async def test_every_reference_and_none_that_cascades(database: str) -> None:
    found = await in_the_database(database, POSTGRES_REFERENCES, SQLITE_REFERENCES)
    assert found == set(declared_references()), ADVICE
    assert {row[3] for row in found} == {"RESTRICT"}
