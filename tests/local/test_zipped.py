"""Archives of the functions' code for the emulator."""

import io
import os
import zipfile

import pulumi

from local.resources.lambda_ import zipped


def archive(path):
    return pulumi.AssetArchive({"handler.py": pulumi.FileAsset(str(path))})


def test_archives_are_reproducible(tmp_path):
    path = tmp_path / "handler.py"
    path.write_text("one")
    first = zipped(archive(path))
    os.utime(path, (0, 1_000_000_000))

    assert zipped(archive(path)) == first


def test_changed_files_are_repacked(tmp_path):
    path = tmp_path / "handler.py"
    path.write_text("one")
    zipped(archive(path))
    path.write_text("two")

    with zipfile.ZipFile(io.BytesIO(zipped(archive(path)))) as packed:
        assert packed.read("handler.py") == b"two"
