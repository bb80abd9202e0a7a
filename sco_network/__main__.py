"""Lets `python -m sco_network` and the installed command start the same way."""

from sco_network.cli import main

if __name__ == "__main__":
    main()
