"""Identity: sign-in, tokens, and what each token allows."""
