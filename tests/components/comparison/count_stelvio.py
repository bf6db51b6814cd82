"""Counts the lines and the AWS resources of `stelvio_shop.py`, with the functions and the site of `docs/example`:

    cd docs/example && uv run --no-project --python 3.13 --with stelvio==0.10.2b8 \
      python ../../tests/components/comparison/count_stelvio.py
"""

import os
import runpy
import shutil
import tempfile
from pathlib import Path

import pulumi
from stelvio.component import ComponentRegistry
from stelvio.config import AwsConfig
from stelvio.context import AppContext, _ContextStore

SHOP = Path(__file__).with_name("stelvio_shop.py")


class Mocks(pulumi.runtime.Mocks):
    """Counts the resources."""

    count = 0

    def new_resource(self, args):
        Mocks.count += args.typ.startswith("aws:")
        names = ("arn", "domainName", "executionArn", "invokeArn", "name", "rootResourceId", "url")
        return args.name, {**args.inputs, **dict.fromkeys(names, f"arn:aws:a:us-east-1:123456789012:{args.name}")}

    def call(self, args):
        return {"accountId": "123456789012", "region": "us-east-1", "name": "us-east-1", "json": "{}"}


def lines(path):
    """The lines that are neither empty nor comments."""
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in path.read_text().splitlines())


def main():
    """Run the program as stelvio does, with Pulumi's mocks."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(Path.cwd(), folder, dirs_exist_ok=True)
        os.chdir(folder)
        Path("stlv_app.py").touch()
        pulumi.runtime.set_mocks(Mocks(), project="shop", stack="test")
        _ContextStore.set(AppContext(name="shop", env="test", aws=AwsConfig(region="us-east-1"), home="aws"))

        @pulumi.runtime.test
        def run():
            runpy.run_path(str(SHOP))["run"]()
            for component in list(ComponentRegistry.all_instances()):
                _ = component.resources

        run()
    print(f"{lines(SHOP)} lines, {Mocks.count} resources")


if __name__ == "__main__":
    main()
