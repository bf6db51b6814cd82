"""`python -m local`: runs the program on this machine."""

import sys

if __name__ == "__main__":
    from .environment import isolate

    isolate()
    try:
        from .commands import run
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith(str(__package__)):
            raise
        # Installed without what the local run needs.
        install = "make .venv/up" if __package__ == "local" else "pip install 'cafe-components[local]'"
        sys.exit(f"{error.name} is not installed: run `{install}`")
    run()
