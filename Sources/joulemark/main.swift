import Glibc

exit(Joulemark.main(Array(CommandLine.arguments.dropFirst())))
