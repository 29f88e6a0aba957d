"""The pretend campus: 临江职业技术学院, its people, rooms, canteens and one month of lunches.

Everything here is invented and comes out of one seed: `build_campus(seed, today)` is values in, values out,
and the same seed on the same day gives the same bytes. Nothing here knows the business: it draws people,
places and a history as plain facts; `write.py` writes them down and `onecard seed` posts them.
"""

from sandbox.campus.build import SEED, Pretend, build_campus
from sandbox.campus.write import write_campus

__all__ = ["SEED", "Pretend", "build_campus", "write_campus"]
