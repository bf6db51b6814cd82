"""Invoices, their ledger and their payments."""
