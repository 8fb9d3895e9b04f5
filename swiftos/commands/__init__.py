"""One file a subcommand of `./swos`: options, printing and exit codes. The work is done by the
modules beside this folder, which print nothing."""
