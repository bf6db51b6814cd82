"""Invoices, their payment, and a tamper-evident ledger."""
