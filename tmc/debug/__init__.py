"""The debugger: a run that is stopped, looked at, changed and taken back.

Start at `session`, which knows nothing of screens: the run with its breakpoints, on the `timeline` that leads back through
keyframes; `conditions` is the language of breakpoints, `beside` the network beside the machine. `commands` drives a session by
words, `screen` on a terminal.
"""
