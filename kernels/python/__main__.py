"""What joulemark starts: the folder that this file lies in."""

import sys

if sys.argv[1:2] == ["declare"]:
    from joulemark.script import main as declare

    sys.exit(declare(*sys.argv[2:]))

from joulemark_runtime.conversation import main

main()
