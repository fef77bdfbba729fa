"""Every setting stands in docs/settings.md with its default, and nothing else does."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from wiring.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
ROW = re.compile(r"^\| `(LOKET_\w+)` \| [^|]+ \| ([^|]+) \|", re.MULTILINE)


def nested(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a group of settings, such as those of a channel."""
    kinds = (field.annotation, *get_args(field.annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def variables() -> Iterator[tuple[str, FieldInfo]]:
    for name, field in Settings.model_fields.items():
        inner = nested(field)
        if inner is None:
            yield f"LOKET_{name.upper()}", field
        else:
            for part, setting in inner.model_fields.items():
                yield f"LOKET_{name.upper()}__{part.upper()}", setting


def as_typed(default: Any) -> str:
    """A default as one would write it into the environment."""
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)


def test_the_page_lists_every_setting_once_and_no_other() -> None:
    listed = [row[0] for row in ROW.findall(PAGE.read_text(encoding="utf-8"))]
    assert sorted(listed) == sorted(name for name, _ in variables())


@pytest.mark.parametrize(("name", "field"), [pytest.param(*each, id=each[0]) for each in variables()])
def test_the_page_gives_the_default(name: str, field: FieldInfo) -> None:
    """What has none is ``needed`` or says ``none``; what follows from other settings is described."""
    cell = dict(ROW.findall(PAGE.read_text(encoding="utf-8")))[name]
    if field.is_required():
        assert cell == "needed"
    elif field.default not in (None, ""):
        assert cell == f"`{as_typed(field.default)}`"
    else:
        assert cell != "needed" and cell.strip()
