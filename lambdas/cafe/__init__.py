"""The café: its menu, opening hours and waiting times."""
