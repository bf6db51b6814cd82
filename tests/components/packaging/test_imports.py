"""The files that a module needs."""

from pathlib import Path

import pytest

from components.packaging.imports import closure
from tests.components.recorder import ROOT


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def needed(root: Path, module: str) -> set[str]:
    files = closure(root, module)

    assert files == sorted(set(files))
    return {path.relative_to(root).as_posix() for path in files}


@pytest.mark.parametrize(
    "imports",
    [
        "import app.b",
        "import app.b as it",
        "from app import b",
        "from app import b as it",
        "from app.b import X",
        "from . import b",
        "from .b import X",
        "def handler():\n    from app.b import X",
        "class A:\n    def f(self):\n        import app.b",
        "try:\n    import app.b\nexcept ImportError:\n    pass",
        "if True:\n    import app.b",
        "if TYPE_CHECKING:\n    import app.c\nelse:\n    import app.b",
    ],
)
def test_every_form_of_import_is_found(tmp_path: Path, imports: str) -> None:
    write(tmp_path, {"app/__init__.py": "", "app/a.py": imports, "app/b.py": "", "app/c.py": ""})

    assert needed(tmp_path, "app.a") == {"app/__init__.py", "app/a.py", "app/b.py"}


@pytest.mark.parametrize("test", ["TYPE_CHECKING", "typing.TYPE_CHECKING"])
def test_type_checking_imports_are_ignored(tmp_path: Path, test: str) -> None:
    write(tmp_path, {"app/a.py": f"if {test}:\n    from app.b import X", "app/b.py": ""})

    assert needed(tmp_path, "app.a") == {"app/a.py"}


def test_imports_are_followed_through_cycles_and_packages(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "app/a.py": "from app.sub.b import X",
            "app/sub/__init__.py": "from ..c import Y",
            "app/sub/b.py": "from app.a import handler",
            "app/c.py": "import json",
            "app/unused.py": "",
        },
    )

    assert needed(tmp_path, "app.a") == {"app/a.py", "app/sub/__init__.py", "app/sub/b.py", "app/c.py"}


def test_modules_outside_the_package_are_ignored(tmp_path: Path) -> None:
    write(tmp_path, {"app/a.py": "import site, boto3, os.path", "site/__init__.py": "", "site.py": "", "os.py": ""})

    assert needed(tmp_path, "app.a") == {"app/a.py"}


def test_changes_take_effect_immediately(tmp_path: Path) -> None:
    write(tmp_path, {"app/a.py": "", "app/b.py": ""})
    before = needed(tmp_path, "app.a")
    write(tmp_path, {"app/a.py": "import app.b"})

    assert (before, needed(tmp_path, "app.a")) == ({"app/a.py"}, {"app/a.py", "app/b.py"})


def test_a_source_with_a_syntax_error_is_included(tmp_path: Path) -> None:
    write(tmp_path, {"app/a.py": "import app.b\ndef"})

    assert needed(tmp_path, "app.a") == {"app/a.py"}


def test_an_unknown_module_raises_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"no module 'app.a' in "):
        closure(tmp_path, "app.a")


def test_the_authorizer_imports_no_other_domain_and_no_body_types() -> None:
    assert {name.split("/")[1] for name in needed(ROOT, "lambdas.authorize")} == {
        *("__init__.py", "api", "authorize.py", "identity", "runtime"),
    }
    assert not {"lambdas/api/bodies.py", "lambdas/runtime/http.py"} & needed(ROOT, "lambdas.authorize")
