"""The parts of the café's infrastructure, one ComponentResource a file."""
