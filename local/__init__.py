"""Runs the program on this machine: an emulator for AWS, the Pulumi SDK's testing seam for its engine."""
