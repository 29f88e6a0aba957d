"""`python -m api.cli` is `onecard`, where the script is not on the PATH."""

from api.cli import main

main()
