from pathlib import Path

import pytest
from botocore.loaders import JSONFileLoader, Loader

from lambdas.runtime.botocore_data import SERVICES, FastJsonLoader

DATA = Path(Loader.BUILTIN_DATA_PATH)


@pytest.mark.parametrize("service", ["", *SERVICES])
def test_data_files_are_read_like_botocore_reads_them(service):
    """The files of each service, and (for no service) the general ones, such as the regions."""
    ours, theirs = FastJsonLoader(), JSONFileLoader()
    paths = {str(path).partition(".json")[0] for path in (DATA / service).glob("*/*.json*" if service else "*.json*")}

    assert len(paths) > 3
    for path in paths:
        assert ours.exists(path)
        assert ours.load_file(path) == theirs.load_file(path)


def test_a_missing_file_is_none():
    assert FastJsonLoader().load_file(str(DATA / "dynamodb" / "nothing")) is None
