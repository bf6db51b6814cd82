"""What all tests stand on."""

import os
import signal
import sys

from local.environment import isolated

# A shell lets what it starts in the background ignore Ctrl-C, and whatever that starts as well. Some tests send one.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The user's environment must reach neither the tests nor what they start.
foreign = os.environ.get("PYTHONPATH", "").split(os.pathsep)
sys.path[:] = [folder for folder in sys.path if folder not in foreign]
environment = isolated(os.environ)
os.environ.clear()
os.environ.update(environment)
