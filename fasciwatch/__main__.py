"""`python -m fasciwatch`."""

from fasciwatch.cli import main

main()
