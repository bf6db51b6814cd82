"""How uv is found and run."""

import re

import pulumi
import pytest

from components.packaging.uv import UvFailed, uv
from tests.components.packaging.fake_uv import FakeUv
from tests.components.recorder import ROOT


def test_what_uv_said_comes_in_one_line(tmp_path, monkeypatch) -> None:
    FakeUv(tmp_path, monkeypatch).fails("error: No solution found\n  because of the moon\n\nhint: wait")

    with pytest.raises(UvFailed, match=r"^error: No solution found because of the moon hint: wait$"):
        uv("lock")


def test_what_to_do_without_uv_is_said_and_can_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, **options: None)
    with pytest.raises(pulumi.RunError, match=r"^uv, which builds .*, is not installed: run `make ") as caught:
        uv("lock")

    _, _, target = str(caught.value).rstrip("`").rpartition("`make ")
    targets = re.findall(r"^([\w./ -]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    # A folder that is there already is "up to date" for make, unless a rule of its own says otherwise.
    assert target in {name for names in targets for name in names.split()}
