"""``tocsin bench``: measures quality or speed; prints a table and, as the last line, one JSON object."""

import sys
from importlib.util import module_from_spec, spec_from_file_location

from tocsin.config import checkout
from tocsin.config.refusal import RefusalError


def main(arguments: list[str]) -> int:
    """Run one benchmark of the folder ``benchmarks`` with the words after its name."""
    folder = checkout.folder() / "benchmarks"
    names = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
    if not arguments or arguments[0] in {"-h", "--help"}:
        print("tocsin bench NAME [--data FOLDER] [options]\n\nThere are: " + ", ".join(names))
        return 0 if arguments else 2
    name, *rest = arguments
    if name not in names:
        raise RefusalError(f"There is no benchmark “{name}”. There are: {', '.join(names) or 'none yet'}.")
    # A benchmark may import what stands beside it.
    sys.path.insert(0, str(folder))
    spec = spec_from_file_location(f"benchmark_{name}", folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return int(module.main(rest) or 0)
