"""From a new order to the kitchen and the customer."""
