"""The command line: one module a command, each from options to an exit code."""
