"""Build the site: `python build.py` is `reading-room`, run from this folder."""

import sys

from site_gen.cli import main

if __name__ == "__main__":
    sys.exit(main())
