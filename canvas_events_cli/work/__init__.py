"""Work: pure functions over framed records, and what drives them through a source."""
