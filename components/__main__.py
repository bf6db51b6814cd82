"""The components as a Pulumi component provider. Pulumi's engine starts it by `PulumiPlugin.yaml`."""

import sys
from pathlib import Path

# A folder that is run as a program is on the path, but not what it is in.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from pulumi.provider.experimental import component_provider_host

from components.published import NAME, PUBLISHED

if __name__ == "__main__":
    component_provider_host(name=NAME, components=PUBLISHED)
