"""Summaries: records in, a report that merges, the document that ``summarize -o json`` prints."""
