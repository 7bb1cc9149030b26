"""``python -m tmc`` is ``tmc``."""

import sys

from tmc.cli import main

if __name__ == "__main__":
    sys.exit(main())
