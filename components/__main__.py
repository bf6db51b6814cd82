"""Serves the components as a Pulumi component provider. Pulumi's engine starts it through `PulumiPlugin.yaml`."""

import os
import sys
from pathlib import Path

# Python puts a folder that it runs on the path, not the folder's parent.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from pulumi.provider.server import main

from components.published import provider
from components.static_site.files import PLUGIN

if __name__ == "__main__":
    os.environ[PLUGIN] = "1"
    main(provider(), sys.argv[1:])
