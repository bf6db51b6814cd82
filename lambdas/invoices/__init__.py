"""Invoices: what somebody is owed, how it is paid, and the ledger that nothing leaves unseen."""
