"""`python -m ops`: operates a running stack, local or on AWS."""

if __name__ == "__main__":
    from local.environment import isolate

    isolate()

    from ops.commands import run

    run()
