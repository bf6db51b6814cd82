"""The archive that every function runs from: one for all, each names its own handler in it."""

from pathlib import Path

import pulumi

PROJECT = Path(__file__).parent.parent


def function_code() -> pulumi.AssetArchive:
    """The sources below `lambdas/` and the menu, under the paths that they have everywhere.

    Named one by one and in order: a folder taken whole would bring compiled files along, and every preview would show
    a change.
    """
    sources = sorted((PROJECT / "lambdas").rglob("*.py"))
    files = [*sources, PROJECT / "site" / "public" / "menu.json"]
    return pulumi.AssetArchive({str(path.relative_to(PROJECT)): pulumi.FileAsset(str(path)) for path in files})
