"""What can be asked of aiogram's models, a line of JSON each: ``python -m tests.lazy.whole_api WAYS…``.

``eager`` imports aiogram as it is and goes every way.  Given ways, it is imported lazily; for each of the
arguments a fork goes the ways that it names.  The first of them is the first thing that is done with each
model: it finds none built.  An answer by one way is the same whoever prints it, or laziness can be seen.

Each way meets some models, others than its neighbours; in the soak all.
"""

import hashlib
import inspect
import json
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pydantic_core
from pydantic import BaseModel, TypeAdapter, ValidationError, create_model

from tests.faults.short_form import SOAKING

Asked = Callable[[type[BaseModel]], Any]


def validated(model: type[BaseModel]) -> Any:
    return told(model.model_validate(sample(model)))


def validated_json(model: type[BaseModel]) -> Any:
    return told(model.model_validate_json(json.dumps(sample(model))))


def called(model: type[BaseModel]) -> Any:
    return told(model(**sample(model)))


def constructed(model: type[BaseModel]) -> Any:
    return told(model.model_construct(**sample(model)))


def within_anything(model: type[BaseModel]) -> Any:
    """In a field of type Any its serializer is taken from the class."""
    holder = create_model("Holder", held=(Any, ...))(held=model.model_construct(**sample(model, 0)))
    return pydantic_core.to_jsonable_python(holder, exclude_none=True, fallback=str)


def answered(model: type[BaseModel]) -> Any:
    """Of a method: what Telegram answers.  Of a type: an answer that carries it."""
    returning = getattr(model, "__returning__", model)
    refused = Response[returning].model_validate({"ok": False, "parameters": {"retry_after": 3}})
    given = Response[returning].model_validate({"ok": True, "result": value_of(returning, 1)})
    return [told(refused), told(given)]


def adapted(model: type[BaseModel]) -> Any:
    adapter = TypeAdapter(list[model])  # type: ignore[valid-type]
    found = adapter.validate_json(json.dumps([sample(model, 1)]))
    return adapter.dump_python(found, mode="json", exclude_none=True, fallback=str, warnings=False)


def subclassed(model: type[BaseModel]) -> Any:
    """A foreign bot's own, whose ``User`` is not Telegram's."""
    theirs = create_model("Theirs", __base__=model, user_of_theirs=(User, ...))
    return told(theirs.model_validate({**sample(model, 1), "user_of_theirs": {"login": "a"}}))


def described(model: type[BaseModel]) -> Any:
    if len(model.__name__) % (12 if SOAKING else 36):  # some: each brings the whole tree, slowly
        return None
    return [model.model_json_schema(mode=mode) for mode in ("validation", "serialization")]


def signed(model: type[BaseModel]) -> Any:
    return str(inspect.signature(model))


def listed(model: type[BaseModel]) -> Any:
    return {name: repr(field) for name, field in model.model_fields.items()}


def wrongly_filled(model: type[BaseModel]) -> Any:
    model.model_validate(dict.fromkeys(model.model_fields, object))


WAYS: dict[str, Asked] = {
    way.__name__: way
    for way in (
        validated, validated_json, called, constructed, within_anything, answered, adapted, subclassed,
        described, signed, listed, wrongly_filled,
    )
}  # fmt: skip


class User(BaseModel):
    login: str


def told(made: BaseModel) -> Any:
    return json.loads(made.model_dump_json(exclude_none=True, fallback=str, warnings=False))


def outcome(way: Asked, model: type[BaseModel]) -> Any:
    """What came of it; of a refusal its kind and where it lies."""
    try:
        return way(model)
    except ValidationError as error:
        return sorted({f"{one['type']} {one['loc']}" for one in error.errors(include_input=False)})
    except Exception as error:  # compared, not handled: both sides must fail alike
        return type(error).__name__


def models() -> Iterator[type[BaseModel]]:
    for module in (aiogram.methods, aiogram.types):
        for name in module.__all__:
            found = getattr(module, name)
            if isinstance(found, type) and issubclass(found, BaseModel) and not inspect.isabstract(found):
                yield found


def digest(what: Any) -> str:
    plain = re.sub(" at 0x[0-9a-f]+", "", json.dumps(what, sort_keys=True, default=str))
    return hashlib.sha256(plain.encode()).hexdigest()[:12]


def asked(way: str) -> Iterator[type[BaseModel]]:
    """The models that this way meets."""
    first = list(WAYS).index(way)
    for n, model in enumerate(models(), start=first):
        if SOAKING or way == "described" or n % 18 == 0:
            yield model


def everything(ways: Iterable[str]) -> str:
    found = {
        f"{model.__module__}.{model.__name__} {way}": digest(outcome(WAYS[way], model))
        for way in ways
        for model in asked(way)
    }
    return json.dumps({"lazy": lazy, "found": found})


def in_a_fork(ways: Sequence[str]) -> None:
    if (child := os.fork()) == 0:
        print(everything(ways), flush=True)  # noqa: T201 - what we are here for
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


if __name__ == "__main__":
    from bot import lazy_models

    warnings.simplefilter("ignore")
    lazy = sys.argv[1] != "eager" and lazy_models.import_aiogram()
    import aiogram.methods
    import aiogram.types
    from aiogram.methods.base import Response

    from tests.lazy.samples import sample, value_of

    for ways in [list(WAYS)] if sys.argv[1] == "eager" else [ways.split() for ways in sys.argv[1:]]:
        in_a_fork(ways)
