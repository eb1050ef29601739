"""What joulemark starts: the folder that this file lies in."""

from joulemark_runtime.conversation import main

main()
