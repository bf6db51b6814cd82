import io
import os
import zipfile

import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc

from local.errors import UserError
from local.values import ARCHIVE, ASSET, OUTPUT, SECRET, SIGNATURE, UNKNOWN, plain, struct, use_absolute_paths


def value(given):
    return plain(struct({"it": given}))["it"]


def archive(path):
    return value({SIGNATURE: ARCHIVE, "assets": {"handler.py": {SIGNATURE: ASSET, "path": str(path)}}})


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "handler.py"
    path.write_text("one")
    return path


@pytest.mark.parametrize("given", [0, 60, 0.5, "1.0", "", True, None, [1, {"a": [2]}], {"a": {"b": 3}}], ids=str)
def test_plain_values_stay_the_same(given):
    assert repr(value(given)) == repr(given)


def test_secrets_and_outputs_lose_their_mark():
    assert value({SIGNATURE: SECRET, "value": ["a"]}) == ["a"]
    assert value({SIGNATURE: OUTPUT, "value": 1}) == 1


@pytest.mark.parametrize("given", [rpc.UNKNOWN, {SIGNATURE: OUTPUT}, {SIGNATURE: SECRET, "value": rpc.UNKNOWN}])
def test_unknown_values_are_unknown(given):
    assert value({"in": [given]}) == {"in": [UNKNOWN]}


def test_values_are_merged_over_others():
    others = Struct()
    others.update({"a": 1, "b": 2})

    assert plain(struct({"b": 3}, others)) == {"a": 1, "b": 3}


def test_archives_are_reproducible(path):
    first = archive(path).read()
    os.utime(path, (0, 1_000_000_000))

    assert archive(path).read() == first


def test_archives_with_other_content_differ(path):
    before = archive(path)
    path.write_text("two")

    assert archive(path) != before
    with zipfile.ZipFile(io.BytesIO(archive(path).read())) as packed:
        assert packed.read("handler.py") == b"two"


def test_a_renamed_file_makes_another_archive(path):
    other = value({SIGNATURE: ARCHIVE, "assets": {"other.py": {SIGNATURE: ASSET, "path": str(path)}}})

    assert archive(path) != other


def test_assets_are_equal_if_their_content_is(path):
    file, text = value({SIGNATURE: ASSET, "path": str(path)}), value({SIGNATURE: ASSET, "text": "one"})

    assert file == text
    assert file.read() == text.read() == b"one"


def test_the_engines_hash_identifies_content():
    one, two = ({SIGNATURE: ASSET, "text": text, "hash": "h"} for text in ("one", "two"))

    assert value(one) == value(two)


@pytest.mark.parametrize(
    "given",
    [
        {SIGNATURE: ASSET, "uri": "https://example.com"},
        {SIGNATURE: ARCHIVE, "uri": "https://example.com/it.zip"},
        {SIGNATURE: "other"},
    ],
    ids=["remote asset", "remote archive", "unknown mark"],
)
def test_unsupported_values_are_refused(given):
    with pytest.raises(UserError, match=r"the local run (does not support|supports only)"):
        value(given)


@pytest.mark.parametrize("kind", ["folder", "zip", "assets"])
def test_an_archive_has_the_same_content_however_it_is_given(tmp_path, kind):
    folder = tmp_path / "folder"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.py").write_text("a = 1")
    (folder / "inner" / "b.py").write_text("b = 2")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.pyc").write_bytes(b"compiled")
    with zipfile.ZipFile(tmp_path / "it.zip", "w") as archive:
        archive.writestr("inner/", "")
        archive.writestr("inner/b.py", "b = 2")
        archive.writestr("a.py", "a = 1")
    inner = {SIGNATURE: ARCHIVE, "path": str(folder / "inner")}
    given = {
        "folder": {SIGNATURE: ARCHIVE, "path": str(folder)},
        "zip": {SIGNATURE: ARCHIVE, "path": str(tmp_path / "it.zip")},
        "assets": {SIGNATURE: ARCHIVE, "assets": {"inner": inner, "a.py": {SIGNATURE: ASSET, "text": "a = 1"}}},
    }[kind]

    with zipfile.ZipFile(io.BytesIO(value(given).read())) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == {"a.py": b"a = 1", "inner/b.py": b"b = 2"}


@pytest.mark.parametrize("content", [None, b"not a zip"])
def test_an_archive_that_cannot_be_read_says_why(tmp_path, content):
    path = tmp_path / "it.zip"
    if content:
        path.write_bytes(content)

    with pytest.raises(UserError, match=rf"the archive {path} cannot be read: "):
        value({SIGNATURE: ARCHIVE, "path": str(path)})


def test_paths_of_assets_become_absolute(tmp_path):
    given = Struct()
    asset = {SIGNATURE: ASSET, "path": "a.py"}
    given.update(
        {
            "code": {SIGNATURE: ARCHIVE, "assets": {"a.py": asset, "b": {SIGNATURE: ARCHIVE, "path": "/b"}}},
            "list": [asset],
            "path": "stays",
            "other": {"path": "stays"},
        }
    )

    use_absolute_paths(given, tmp_path)

    found = MessageToDict(given)
    assert found["code"]["assets"]["a.py"]["path"] == found["list"][0]["path"] == f"{tmp_path}/a.py"
    assert found["code"]["assets"]["b"]["path"] == "/b"
    assert (found["path"], found["other"]["path"]) == ("stays", "stays")
