"""`python -m schema`: the schema in SDL on standard output; `make schema` keeps it as schema/schema.graphql."""

import sys

from schema.build import sdl

sys.stdout.write(sdl())
