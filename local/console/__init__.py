"""The console: a page that shows what happens in a local run, and why."""
