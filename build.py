"""Build the site: `python build.py` is `reading-room`, run from this folder."""

import sys
from importlib.metadata import PackageNotFoundError

try:
    from site_gen.cli import main

    if __name__ == "__main__":
        sys.exit(main())
except (ModuleNotFoundError, PackageNotFoundError) as missing:
    what = "make site  installs what is needed into .venv; then start  .venv/bin/python build.py"
    print(f"{missing.name} is not installed for this Python\n  help: {what}", file=sys.stderr)
    sys.exit(2)
