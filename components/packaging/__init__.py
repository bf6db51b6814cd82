"""Packages the code for Lambda."""
