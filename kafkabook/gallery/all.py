"""All use cases of the lecture notes, in their order."""

from kafkabook.gallery.entertainment import ENTERTAINMENT
from kafkabook.gallery.finance import FINANCE
from kafkabook.gallery.market import MARKET
from kafkabook.gallery.moving_data import MOVING_DATA
from kafkabook.gallery.transport import TRANSPORT
from kafkabook.gallery.use_case import UseCase
from kafkabook.gallery.watching import WATCHING

USE_CASES = (*MOVING_DATA, *WATCHING)
INDUSTRY_USE_CASES = (*TRANSPORT, *FINANCE, *ENTERTAINMENT, *MARKET)
GALLERY = {case.name: case for case in (*USE_CASES, *INDUSTRY_USE_CASES)}


def use_case(name: str) -> UseCase:
    """Return the use case of that name.

    Raises:
        LookupError: no such use case; the message lists all names.
    """
    if name not in GALLERY:
        raise LookupError(f"no use case is called {name!r}; there are: {', '.join(GALLERY)}")
    return GALLERY[name]
