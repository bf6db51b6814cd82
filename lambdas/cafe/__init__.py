"""The café itself: its menu, and what it is open for."""
