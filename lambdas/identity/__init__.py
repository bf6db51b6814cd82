"""Identity: signing in, and what a token says and allows."""
