"""Running: what drives a pure function over blocks of events, in this process, in several, or on a cluster."""
