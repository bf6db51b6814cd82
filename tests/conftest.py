"""What all tests stand on."""

import signal

# A shell lets what it starts in the background ignore Ctrl-C, and whatever that starts as well. Some tests send one.
signal.signal(signal.SIGINT, signal.default_int_handler)
