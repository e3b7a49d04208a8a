"""`python -m logreport`."""

from logreport.cli import main

if __name__ == "__main__":
    main(prog_name="logreport")
