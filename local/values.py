"""Converts properties from Pulumi's wire format to plain values, and back."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct, Value
from pulumi.runtime import rpc

from .errors import UserError

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key that marks special values. This and the signatures are in Pulumi's source, sdk/go/common/resource."""

ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  a signature
SOURCES = (ASSET, ARCHIVE)
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"


class Unknown(Enum):
    """The type of `UNKNOWN`."""

    UNKNOWN = rpc.UNKNOWN


UNKNOWN = Unknown.UNKNOWN
"""A value that is known only after a deployment."""


@dataclass(frozen=True)
class Content:
    """The content of an asset, or of an archive as a .zip file. Equal to others with the same digest."""

    digest: str
    source: Mapping[str, Any] = field(compare=False, repr=False)
    """The asset or archive as Pulumi sends it."""

    def read(self) -> bytes:
        """The content. The same files give the same bytes. Raises `OSError`, and `UserError` for a remote asset."""
        if self.source[SIGNATURE] == ASSET:
            return _asset(self.source)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in _files(self.source):
                archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        return packed.getvalue()


def plain(properties: Struct) -> dict[str, Any]:
    """Properties as plain values: secrets without their mark, assets and archives as `Content`, or `UNKNOWN`."""
    return {key: _plain(value) for key, value in MessageToDict(properties).items()}


def struct(values: Mapping[str, Any], others: Struct | None = None) -> Struct:
    """Plain values in the wire format, merged over those of `others`."""
    result = Struct()
    if others is not None:
        result.CopyFrom(others)
    result.update(values)
    return result


def outputs(properties: Struct) -> dict[str, Any]:
    """A stack's outputs as plain values; `None` for those that are unknown."""
    return {key: None if unknown(value) else value for key, value in plain(properties).items()}


def unknown(value: Any) -> bool:
    """Whether a value is unknown, or contains one that is."""
    match value:
        case dict():
            return any(map(unknown, value.values()))
        case list():
            return any(map(unknown, value))
    return value is UNKNOWN


def write_policies(properties: Struct) -> None:
    """Write policies that are given as objects as JSON, which is what AWS takes and what programs read back."""
    for name in ("assumeRolePolicy", "policy"):
        if name in properties.fields and properties.fields[name].HasField("struct_value"):
            given = _plain(MessageToDict(properties.fields[name].struct_value))
            if isinstance(given, dict):
                properties.fields[name].string_value = rpc.UNKNOWN if unknown(given) else json.dumps(given)


def use_absolute_paths(properties: Struct, root: Path) -> None:
    """Make the paths of assets and archives absolute: a program's own are relative to its folder."""
    for value in properties.fields.values():
        _use_absolute_paths(value, root)


def _use_absolute_paths(value: Value, root: Path) -> None:
    if value.HasField("list_value"):
        for item in value.list_value.values:
            _use_absolute_paths(item, root)
    elif value.HasField("struct_value"):
        fields = value.struct_value.fields
        if (
            SIGNATURE in fields
            and "path" in fields
            and fields[SIGNATURE].string_value in SOURCES
            and fields["path"].string_value
        ):
            fields["path"].string_value = str(root / fields["path"].string_value)
        use_absolute_paths(value.struct_value, root)


def _plain(value: Any) -> Any:
    match value:
        case rpc.UNKNOWN:
            return UNKNOWN
        case float() if value.is_integer():
            return int(value)  # Pulumi sends all numbers as floats, and AWS expects integers
        case dict() if SIGNATURE in value:
            return _special(value)
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
    return value


def _special(value: dict[str, Any]) -> Any:
    signature = value[SIGNATURE]
    if signature in (SECRET, OUTPUT):
        return _plain(value["value"]) if "value" in value else UNKNOWN
    if signature in (ASSET, ARCHIVE):
        return Content(value.get("hash") or _digest(value), value)
    raise UserError(f"the local run does not support the value {value}")


def _digest(source: Mapping[str, Any]) -> str:
    digest = hashlib.sha256()
    files = [("", _asset(source))] if source[SIGNATURE] == ASSET else _files(source)
    for name, content in files:
        digest.update(f"{len(name)} {len(content)} {name}".encode())
        digest.update(content)
    return digest.hexdigest()


def _files(archive: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The names and contents of an archive's files, sorted: Pulumi's protocol does not keep their order.

    An archive is a folder, a .zip file, or made of assets and archives, whose names are paths in it.
    """
    match archive:
        case {"assets": dict(assets)}:
            yield from sorted(_members(assets))
        case {"path": str(path)} if Path(path).is_dir():
            files = [
                file for file in sorted(Path(path).rglob("*")) if file.is_file() and "__pycache__" not in file.parts
            ]
            yield from ((file.relative_to(path).as_posix(), file.read_bytes()) for file in files)
        case {"path": str(path)} if path:
            yield from _unzipped(Path(path))
        case _:
            raise UserError("the local run supports only archives that are folders, .zip files, or made of assets")


def _members(assets: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    for name, asset in assets.items():
        if asset[SIGNATURE] == ASSET:
            yield name, _asset(asset)
        else:
            yield from ((f"{name}/{inner}", content) for inner, content in _files(asset))


def _unzipped(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                if not name.endswith("/"):
                    yield name, archive.read(name)
    except (OSError, zipfile.BadZipFile) as error:
        raise UserError(f"the archive {path} cannot be read: {error}") from None


def _asset(asset: Mapping[str, Any]) -> bytes:
    match asset:
        case {"path": str(path)} if path:
            return Path(path).read_bytes()
        case {"text": str(text)}:
            return text.encode()
    raise UserError("the local run supports only assets that are files or strings")
