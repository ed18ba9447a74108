"""All use cases of the lecture notes, in their order."""

from kafkabook.base.door import at_the_door, meant
from kafkabook.base.errors import UnknownName
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


@at_the_door
def use_case(name: str) -> UseCase:
    """Return the use case of that name.

    Raises:
        LookupError: no such use case; the message lists all names.
    """
    if name not in GALLERY:
        told = f"no use case is called {name!r}; there are: {', '.join(GALLERY)}"
        raise UnknownName(told + meant(name, GALLERY))
    return GALLERY[name]
