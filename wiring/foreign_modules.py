"""Other people's modules beside ours: their ``bot.py`` and ``handlers/`` are not our own.

Where both have a module of one name, import statements in their files find theirs, all others find ours.
"""

import builtins
import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

OURS = Path(__file__).resolve().parent.parent
_INSTALLED = "site-packages"


class ForeignModules:
    """The modules of one folder, while `installed`."""

    def __init__(self, root: Path | None) -> None:
        """``root``: None for a package that pip installed, whose names are its own affair."""
        self._root = root.resolve() if root is not None else None
        self._theirs: dict[str, ModuleType] = {}
        self._ours: dict[str, ModuleType] = {}
        self._looking = False
        self._clashing = self._names_of_both()

    @classmethod
    def holding(cls, module: str) -> "ForeignModules":
        """By the first folder that has the module: the current one, then those of ``PYTHONPATH``."""
        top = module.partition(".")[0]
        on_path = [Path(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
        for folder in (Path.cwd(), *on_path):
            if (folder / f"{top}.py").is_file() or (folder / top).is_dir():
                return cls(folder)
        return cls(None)

    def _names_of_both(self) -> frozenset[str]:
        if self._root is None or self._root == OURS:
            return frozenset()
        theirs = {entry.stem if entry.is_file() else entry.name for entry in self._root.iterdir()}
        ours = {entry.stem for entry in OURS.iterdir() if entry.suffix == ".py" or entry.is_dir()}
        return frozenset(theirs & ours)

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """For as long as their code runs; afterwards everything is as it was, and their modules are gone."""
        before, path = set(sys.modules), list(sys.path)
        plain, by_name = builtins.__import__, importlib.import_module

        def find(
            name: str,
            globals: Mapping[str, object] | None = None,
            locals: Mapping[str, object] | None = None,
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> ModuleType:
            if self._looking or not self._is_theirs(globals):
                return plain(name, globals, locals, fromlist or (), level)
            with self._in_view():
                return plain(name, globals, locals, fromlist or (), level)

        def find_by_name(name: str, package: str | None = None) -> ModuleType:
            if self._looking or not self._is_theirs(sys._getframe(1).f_globals):
                return by_name(name, package)
            with self._in_view():
                return by_name(name, package)

        if self._root is not None and self._root != OURS:
            sys.path.append(str(self._root))
        if (
            self._clashing
        ):  # every import statement of the process goes through it, aiogram's own amid a message too
            builtins.__import__, importlib.import_module = find, find_by_name
        try:
            yield
        finally:
            builtins.__import__, importlib.import_module = plain, by_name
            sys.path[:] = path
            self._forget(before)

    def load(self, name: str) -> ModuleType:
        """Their module ``name``.  Raises: ImportError, and whatever the module raises."""
        with self._in_view():
            return importlib.import_module(name)

    def run(self, name: str) -> dict[str, Any]:
        """As ``python -m NAME`` would; what it has defined in the end.

        Raises: ImportError, and whatever the script raises.
        """
        with self._in_view():
            spec = _script(name)
            code = spec.loader.get_code(spec.name)
        script = ModuleType("__main__")
        script.__file__, script.__spec__, script.__package__ = spec.origin, None, spec.parent
        with _as_main(script, name):
            exec(code, vars(script))  # noqa: S102 - it is what the operator asked for
        return vars(script)

    def source(self, name: str) -> str:
        """The text of a module, empty where there is none."""
        with self._in_view():
            try:
                spec = importlib.util.find_spec(name)
            except (ImportError, ValueError):
                spec = None
        origin = spec.origin if spec is not None else None
        return Path(origin).read_text(encoding="utf-8") if origin and origin.endswith(".py") else ""

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Ours in view again, in the middle of an import of theirs (a module that polls as it is loaded)."""
        if not self._looking:
            yield
            return
        theirs = self._take_out()
        sys.modules.update(self._ours)
        self._looking = False
        try:
            yield
        finally:
            self._ours = self._take_out()
            sys.modules.update(theirs)
            self._looking = True

    @contextlib.contextmanager
    def _in_view(self) -> Iterator[None]:
        """Their modules stand under the names that both have."""
        if self._looking:
            yield
            return
        self._ours = self._take_out()
        sys.modules.update(self._theirs)
        if self._root is not None:
            sys.path.insert(0, str(self._root))
        self._looking = True
        try:
            yield
        finally:
            self._looking = False
            if self._root is not None:
                sys.path.remove(str(self._root))
            self._theirs = self._take_out()
            sys.modules.update(self._ours)

    def _take_out(self) -> dict[str, ModuleType]:
        return {name: sys.modules.pop(name) for name in list(sys.modules) if self._clashes(name)}

    def _clashes(self, name: str) -> bool:
        return name.partition(".")[0] in self._clashing

    def _is_theirs(self, names: Mapping[str, object] | None) -> bool:
        file = (names or {}).get("__file__")
        if self._root is None or not self._clashing or not isinstance(file, str):
            return False
        return file.startswith(str(self._root) + os.sep) and _INSTALLED not in file

    def _forget(self, before: set[str]) -> None:
        """So that the same folder can be loaded again from the beginning."""
        self._theirs.clear()
        root = str(self._root) + os.sep if self._root is not None and self._root != OURS else None
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if (
                root is not None
                and isinstance(file, str)
                and file.startswith(root)
                and _INSTALLED not in file
            ):
                del sys.modules[name]


def _script(name: str) -> Any:
    """The module's spec, of a package that of its ``__main__``.  Raises: ImportError."""
    spec = importlib.util.find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = importlib.util.find_spec(f"{name}.__main__")
    if spec is None or spec.loader is None:
        raise ImportError(name)
    return spec


@contextlib.contextmanager
def _as_main(script: ModuleType, name: str) -> Iterator[None]:
    """Their script is the main program, and gets no arguments of ours."""
    main, arguments = sys.modules["__main__"], list(sys.argv)
    sys.modules["__main__"], sys.argv[:] = script, [name]
    try:
        yield
    finally:
        sys.modules["__main__"], sys.argv[:] = main, arguments
