"""Building blocks that several components share."""
