"""Everything that reaches into the emulator's internals. The emulator is pinned to one version because of it."""
