"""Reading Room: a folder of Markdown files, one a paper, turned into a reading-list website that needs no server.

Values flow one way: sources, papers, library, plan, diff, bytes; `docs/architecture.md` draws it. The modules
import each other in one strict order, which `tests/test_architecture.py` keeps.
"""

__version__ = "0.1.0"
