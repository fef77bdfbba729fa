"""A YAML file that remembers on which line each of its parts stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

Step = str | int
Place = tuple[Step, ...]


class YamlUnreadable(Exception):
    """The file is no YAML.  ``line`` counts from 1; ``cause`` is the end of a sentence."""

    def __init__(self, line: int, cause: str) -> None:
        super().__init__(f"line {line}: {cause}")
        self.line = line
        self.cause = cause


@dataclass(frozen=True)
class Lines:
    """``data`` as `yaml.safe_load` gives it; places in it are paths of keys and positions."""

    file: Path
    data: object
    _root: yaml.Node | None

    def line(self, place: Place) -> int:
        """Where a part begins, or the closest thing around it that there is."""
        node, line = self._root, _begins(self._root)
        for step in place:
            inner = _step_into(node, step)
            if inner is None:
                break
            marker, node = inner
            line = _begins(marker)
        return line

    def repeated_keys(self) -> Iterator[tuple[int, str]]:
        """Keys that stand twice in one mapping, each with its line; YAML keeps the last in silence."""
        for mapping in _mappings(self._root):
            seen: set[str] = set()
            for key, _ in mapping.value:
                if key.value in seen:
                    yield _begins(key), key.value
                seen.add(key.value)


def read(file: Path) -> Lines:
    """Raises: `YamlUnreadable`, `OSError`."""
    try:
        return Lines(file, *_parsed(file.read_text(encoding="utf-8")))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlUnreadable(mark.line + 1 if mark else 1, str(error.problem or error.context)) from error
    except (yaml.YAMLError, ValueError) as error:  # no UTF-8, a forbidden character, no such date
        raise YamlUnreadable(1, " ".join(str(error).split())) from error


@lru_cache(maxsize=64)  # a whole catalogue: one file is checked beside all others
def _parsed(text: str) -> tuple[object, yaml.Node | None]:
    _refuse_aliases(text)
    return yaml.load(text, Loader=yaml.CSafeLoader), yaml.compose(text, Loader=yaml.CSafeLoader)


def _refuse_aliases(text: str) -> None:
    """Without ``*alias`` no part is inside itself, or many times larger than it looks."""
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise YamlUnreadable(line, f"the alias *{event.anchor} is not used here")


def _step_into(node: yaml.Node | None, step: Step) -> tuple[yaml.Node, yaml.Node] | None:
    """The node that marks the step's line, and the node reached."""
    if isinstance(node, yaml.MappingNode):
        for key, value in reversed(node.value):
            if key.value == step:
                return key, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def _begins(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node is not None else 1


def _mappings(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _mappings(value)
