"""What this code never does, held against every module by reading its syntax tree.

- Text never becomes code or a command line: no `eval`, no shell, one program started, by its own path.
- What comes from outside is read by parsers that make plain data: no pickle, no XML, of YAML the safe one.
- Secrets are no guesses: `secrets` and `os.urandom` make them; `random` spreads retries, and nothing else.
- Cryptography is AES-GCM, HMAC, HKDF and SHA-256; comparing is `hmac.compare_digest`'s work.
- Calls go where they were meant to: certificates are checked, redirects not followed.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "console", "handlers", "models", "office", "pages", "scheduler", "wiring")
MAY = {
    # an exception for the one place that needs it
    "bot/reading/forks.py": {"subprocess"},  # the reader's own child, without a shell
    "wiring/foreign_modules.py": {"exec"},  # `run.py host` runs the script that the operator names
    "bot/channels/telegram/upkeep.py": {"random"},  # how long to wait after a failure
    "bot/outcomes.py": {"random"},
    "bot/black_box.py": {"hash"},  # BLAKE2b names a slot, and protects nothing
    "bot/standstill.py": {"random"},
}
CODE = {"eval", "exec", "compile", "__import__"}
PARSERS = {"pickle", "marshal", "shelve", "xml", "lxml", "xmlrpc", "telnetlib", "ftplib"}
CIPHERS = {"AESGCM", "HKDF", "SHA256", "InvalidTag"}
HASHES = {"sha256", "file_digest"}
UNVERIFIED = {"ssl", "verify", "verify_ssl"}
CALLS = {"get", "post", "put", "delete", "patch", "request"}


def faults(source: str, may: frozenset[str] = frozenset()) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) of each breach in a module."""
    for node in ast.walk(ast.parse(source)):
        for what in _wrong(node):
            if what.split()[0] not in may:
                yield node.lineno, what  # type: ignore[attr-defined]


def _wrong(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in CODE:
            yield name
        case ast.Import(names=modules):
            yield from _modules(*(module.name for module in modules))
        case ast.ImportFrom(module=str(module), names=names):
            yield from _modules(module)
            if module == "hashlib":
                yield from (f"hash {one.name}" for one in names if one.name not in HASHES)
            if module.split(".")[0] == "cryptography":
                yield from (f"cipher {one.name}" for one in names if one.name not in CIPHERS)
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            yield from _attribute(module, name)
        case ast.keyword(arg=str(name), value=ast.Constant(value=bool(value))):
            yield from _keyword(name, value)
        case ast.Call(func=ast.Attribute(value=whose, attr=name), keywords=given):
            yield from _call(ast.unparse(whose), name, given)


def _modules(*names: str) -> Iterator[str]:
    for name in names:
        first = name.split(".")[0]
        if first in PARSERS:
            yield f"parser {first}"
        if first in ("subprocess", "random"):
            yield first


def _attribute(module: str, name: str) -> Iterator[str]:
    if module == "os" and name in ("system", "popen"):
        yield f"os.{name}"
    if module == "hashlib" and name not in HASHES:
        yield f"hash {name}"
    if module == "ssl" and name in ("CERT_NONE", "_create_unverified_context"):
        yield "unverified"


def _keyword(name: str, value: bool) -> Iterator[str]:
    if name == "shell" and value:
        yield "shell"
    if name in UNVERIFIED and not value:
        yield "unverified"
    if name == "allow_redirects" and value:
        yield "redirects"


def _call(whose: str, name: str, given: list[ast.keyword]) -> Iterator[str]:
    told = {one.arg: ast.unparse(one.value) for one in given}
    if whose == "yaml" and name.startswith("load") and "SafeLoader" not in told.get("Loader", ""):
        yield "yaml"
    if whose in ("http", "self._http") and name in CALLS and not {"allow_redirects", None} & told.keys():
        yield "redirects"  # where a mapping is spread, its tests say that no redirect is followed


def modules() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def test_no_module_does_any_of_it() -> None:
    found = {}
    for path in modules():
        name = str(path.relative_to(ROOT))
        if wrong := list(faults(path.read_text(encoding="utf-8"), frozenset(MAY.get(name, ())))):
            found[name] = wrong
    assert found == {}
    assert len(modules()) > 200


def test_each_exception_is_still_needed() -> None:
    for name, may in MAY.items():
        there = {what.split()[0] for _, what in faults((ROOT / name).read_text(encoding="utf-8"))}
        assert may <= there, name


@pytest.mark.parametrize(
    "breach",
    [
        "eval(text)",
        "exec(text)",
        "os.system('ls')",
        "import subprocess",
        "run(['ls'], shell=True)",
        "import pickle",
        "from xml.etree import ElementTree",
        "yaml.load(text)",
        "yaml.load(text, Loader=yaml.Loader)",
        "import random",
        "hashlib.md5(b'')",
        "from hashlib import sha1",
        "from cryptography.hazmat.primitives.ciphers.modes import ECB",
        "ClientSession(connector=TCPConnector(ssl=False))",
        "async def f(self):\n    await self._http.get(url)",
        "http.post(url, allow_redirects=True)",
    ],
)
def test_a_planted_breach_is_found(breach: str) -> None:
    assert len(list(faults(breach))) == 1
