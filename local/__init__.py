"""Runs the program on this machine: an emulator replaces AWS, and the Pulumi SDK's mocks replace the engine."""
