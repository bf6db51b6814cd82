"""What the café adds to its local run: its site, users and orders."""
