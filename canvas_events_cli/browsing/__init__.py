"""Looking through events interactively: an index over all there are, searches in it, and the screen."""
