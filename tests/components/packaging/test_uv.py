"""How uv is found and run."""

import re

import pulumi
import pytest

from components.packaging.uv import UvFailed, uv
from tests.components.packaging.fake_uv import FakeUv
from tests.components.recorder import ROOT


def test_uvs_error_is_reported_in_one_line(tmp_path, monkeypatch) -> None:
    FakeUv(tmp_path, monkeypatch).fail("error: No solution found\n  because of the moon\n\nhint: wait")

    with pytest.raises(UvFailed, match=r"^error: No solution found because of the moon hint: wait$"):
        uv("lock")


def test_without_uv_the_error_names_an_existing_make_target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, **options: None)
    with pytest.raises(pulumi.RunError, match=r"^uv, which builds .*, is not installed: run `make ") as caught:
        uv("lock")

    _, _, target = str(caught.value).rstrip("`").rpartition("`make ")
    targets = re.findall(r"^([\w./ -]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    # Without its own rule, make would consider an existing folder "up to date".
    assert target in {name for names in targets for name in names.split()}
