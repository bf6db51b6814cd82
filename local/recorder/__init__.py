"""What happened in a local run: recorded in the emulator's process, kept and explained in that of `up`."""
