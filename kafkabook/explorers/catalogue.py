"""All explorers of the package, so that tests and the book can walk every picture."""

from importlib import import_module
from pkgutil import iter_modules

from kafkabook.explorers import chapters
from kafkabook.explorers.explorer import Explorer


def every_explorer() -> dict[str, Explorer]:
    """Return each explorer under `module.name`; importing the modules draws nothing."""
    modules = [
        import_module(f"{chapters.__name__}.{it.name}") for it in iter_modules(chapters.__path__)
    ]
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, Explorer)
    }
