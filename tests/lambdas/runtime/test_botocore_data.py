from pathlib import Path

import pytest
from botocore.loaders import JSONFileLoader, Loader

from lambdas.runtime.botocore_data import SERVICES, Files

DATA = Path(Loader.BUILTIN_DATA_PATH)


@pytest.mark.parametrize("service", ["", *SERVICES])
def test_a_description_is_read_as_botocore_reads_it(service):
    """That of the regions and such, for no service, and all of a service's."""
    ours, theirs = Files(), JSONFileLoader()
    paths = {str(path).partition(".json")[0] for path in (DATA / service).glob("*/*.json*" if service else "*.json*")}

    assert len(paths) > 3
    for path in paths:
        assert ours.exists(path)
        assert ours.load_file(path) == theirs.load_file(path)


def test_there_is_no_description_where_there_is_no_file():
    assert Files().load_file(str(DATA / "dynamodb" / "nothing")) is None
