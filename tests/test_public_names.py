"""The names that programs import, each from its first use on."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from types import ModuleType

import pytest

import notify_core
from notify_core import errors, testing

DOORS = [notify_core, testing]


def typed_names(module: ModuleType) -> list[str]:
    """Return the names that a type checker finds in a module."""
    tree = ast.parse(inspect.getsource(module))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in guarded.body if isinstance(node, ast.ImportFrom)]
    return sorted(alias.name for node in imports for alias in node.names)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_every_public_name_is_there_listed_and_known_to_type_checkers(
    door: ModuleType,
) -> None:
    assert all(getattr(door, name).__name__ == name for name in _classes(door))
    assert set(door.__all__) <= set(dir(door))
    assert typed_names(door) == sorted(door.__all__)


def _classes(door: ModuleType) -> list[str]:
    return [name for name in door.__all__ if inspect.isclass(getattr(door, name))]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_a_name_that_is_not_there_is_named(door: ModuleType) -> None:
    with pytest.raises(AttributeError, match=f"module '{door.__name__}' has no .*'x'"):
        door.x  # noqa: B018 (it raises)


def test_every_error_that_a_caller_may_get_is_public_and_in_the_tree() -> None:
    found = [
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, Exception)
    ]

    assert set(found) <= set(notify_core.__all__)
    assert errors.__doc__ is not None
    assert all(name in errors.__doc__ for name in found)


def test_the_command_line_begins_without_an_import_that_takes_time() -> None:
    code = "import sys; import notify_core.__main__; print('typing' in sys.modules)"

    ran = subprocess.run(  # noqa: S603 (our own words)
        [sys.executable, "-S", "-c", f"import sys; sys.path = {sys.path!r}; {code}"],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )

    assert ran.stdout == "False\n"
