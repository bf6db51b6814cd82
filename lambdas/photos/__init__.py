"""Photos: who keeps which, how much of them, and what counts as one."""
