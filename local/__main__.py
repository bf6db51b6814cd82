"""`python -m local`: runs the program on this machine."""

if __name__ == "__main__":
    from .environment import isolate

    isolate()

    from .commands import run

    run()
