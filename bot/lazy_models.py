"""aiogram's models, each built when it is first used.

Importing aiogram builds the validators of some 600 models at once: seconds of CPU and 100 MB, of which a bot
uses a small part.  `import_aiogram` imports it with pydantic's own ``defer_build``.  The types of all fields
are resolved at once, which is cheap, so that whoever names a model afterwards finds it whole: a foreign bot's
subclass, a ``TypeAdapter``, ``Response[...]``.  Only the schemas wait, and whoever asks for one gets it.
"""

import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import structlog
from pydantic import BaseModel

log = structlog.get_logger(__name__)

_WAITING: Final = ("__pydantic_validator__", "__pydantic_serializer__", "__signature__")
_building = threading.RLock()

Rebuilds = list[tuple[type[BaseModel], Mapping[str, Any] | None]]
"""What aiogram asked to be built as it was imported, and the names it gave for that."""


def import_aiogram() -> bool:
    """Import aiogram with its models put off; False where they are built already, or cannot be put off.

    Where aiogram or pydantic have changed their ways, everything is built as aiogram would have done, and the
    log says so: slow and large, but right.
    """
    if "aiogram" in sys.modules:
        return False
    asked: Rebuilds = []
    try:
        with _deferred(asked):
            import aiogram.methods  # noqa: PLC0415 - here is the point
            import aiogram.types  # noqa: F401, PLC0415
        _resolve_fields(asked)
        for model in _models():
            _put_off(model)
    except (AttributeError, ImportError, LookupError, NameError, TypeError) as error:
        log.error("lazy_models.off", error=type(error).__name__)
        _build_all(asked)
        return False
    return True


def warm() -> None:
    """Build what every message needs, so that the first one does not wait for it."""
    from aiogram.methods import SendMessage  # noqa: PLC0415 - after `import_aiogram`
    from aiogram.types import Message, Update  # noqa: PLC0415

    for model in (Message, Update, SendMessage):  # Update finds Message built, and takes it as it is
        model.model_rebuild()


@contextmanager
def _deferred(asked: Rebuilds) -> Iterator[None]:
    """Models defined inside are put off; requests to build them are noted in ``asked``."""
    from pydantic._internal import _config  # noqa: PLC0415 - private: may be gone in another version

    def note(model: Any, /, *, _types_namespace: Mapping[str, Any] | None = None, **_: Any) -> None:
        asked.append((model, _types_namespace))

    plain, eager = vars(BaseModel)["model_rebuild"], _config.config_defaults["defer_build"]
    _put(BaseModel, "model_rebuild", classmethod(note))
    _config.config_defaults["defer_build"] = True
    try:
        yield
    finally:
        _config.config_defaults["defer_build"] = eager
        _put(BaseModel, "model_rebuild", plain)


def _resolve_fields(asked: Rebuilds) -> None:
    """Raises: LookupError where a field's type stays unknown, or aiogram asked for nothing."""
    from pydantic._internal import _config, _fields, _namespace_utils  # noqa: PLC0415 - as above

    for model, names in asked:
        if not model.__pydantic_fields_complete__:
            model.__pydantic_fields__, model.__pydantic_extra_info__ = _fields.rebuild_model_fields(
                model,
                config_wrapper=_config.ConfigWrapper(model.model_config, check=False),
                ns_resolver=_namespace_utils.NsResolver(parent_namespace=names),
                typevars_map={},
            )
    if not asked or not all(model.__pydantic_fields_complete__ for model in _models()):
        raise LookupError("a field's type")


def _models(root: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    """Every model of aiogram's that is not built."""
    for model in root.__subclasses__():
        if model.__module__.startswith("aiogram.") and not model.__pydantic_complete__:
            yield model
        yield from _models(model)


class _Later:
    """An attribute of a model that is made, with the whole schema, when it is first asked for.

    pydantic's own placeholders do not suffice: pydantic-core takes a serializer from the class of whatever it
    finds in a field of type ``Any``, and refuses a placeholder.
    """

    def __init__(self, model: type[BaseModel], name: str) -> None:
        self._model, self._name = model, name
        self._placeholder = vars(model).get(name)

    def __get__(self, instance: BaseModel | None, owner: type[BaseModel]) -> Any:
        with _building:
            if vars(self._model).get(self._name) is self:
                _build(self._model)
        return getattr(owner if instance is None else instance, self._name)

    def step_aside(self) -> None:
        """Leave the place to what pydantic had put there."""
        if self._placeholder is None:
            delattr(self._model, self._name)
        else:
            _put(self._model, self._name, self._placeholder)


def _put_off(model: type[BaseModel]) -> None:
    for name in _WAITING:
        _put(model, name, _Later(model, name))


def _build(model: type[BaseModel]) -> None:
    for later in [vars(model)[name] for name in _WAITING]:
        if isinstance(later, _Later):
            later.step_aside()
    model.model_rebuild(_types_namespace={})


def _build_all(asked: Rebuilds) -> None:
    for model, names in asked:
        model.model_rebuild(_types_namespace=names)
    for model in list(_models()):
        model.model_rebuild(_types_namespace={})


def _put(owner: type, name: str, value: Any) -> None:
    setattr(owner, name, value)
