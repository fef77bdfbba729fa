"""Scripts are cut into statements where they end, and nowhere else."""

import pytest

from models.migrations.files import Dialect, statements

BOTH: tuple[Dialect, ...] = ("sqlite", "postgres")


@pytest.mark.parametrize("dialect", BOTH)
def test_a_semicolon_in_a_text_a_name_or_a_comment_ends_nothing(dialect: Dialect) -> None:
    script = """
    -- first; of all
    INSERT INTO "a;b" VALUES ('x;y', 'it''s; here'); /* between; */
    DELETE FROM "a;b"  -- last; one
    """
    first, second = statements(script, dialect)
    assert first.endswith("VALUES ('x;y', 'it''s; here');")
    assert second.startswith("/* between; */")


@pytest.mark.parametrize("dialect", BOTH)
def test_comments_and_empty_statements_are_none(dialect: Dialect) -> None:
    assert statements("-- nothing;\n;\n ; /* at; all */\n", dialect) == []


def test_a_trigger_is_one_statement() -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT CASE WHEN 1 THEN 2 END; END;"
    assert statements(f"{trigger} SELECT 1;", "sqlite") == [trigger, "SELECT 1;"]


def test_a_function_is_one_statement() -> None:
    function = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $a$ SELECT $$;$$; SELECT 1; $a$;"
    assert statements(f"{function} SELECT 1;", "postgres") == [function, "SELECT 1;"]
