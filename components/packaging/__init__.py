"""How code reaches Lambda."""
