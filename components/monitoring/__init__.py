"""Alarms, dashboard, saved queries, gradual releases."""
