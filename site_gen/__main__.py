"""`python -m site_gen`: the same command as `reading-room` and `build.py`."""

from site_gen.cli import main

raise SystemExit(main())
