"""Moves new orders to the kitchen and notifies customers."""
