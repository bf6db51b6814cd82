"""Orders: what they are, how they move, who may touch them and where they are kept."""
