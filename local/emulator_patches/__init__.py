"""Patches that depend on the emulator's internals, so the emulator is pinned to one version."""
