"""`python -m schemareg` is `schemareg`."""

from schemareg.cli import main

main()
