"""`python -m embodied` is the command `embodied`."""

import sys

from embodied.cli import main

sys.exit(main())
