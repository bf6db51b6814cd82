"""What several components are built from."""
