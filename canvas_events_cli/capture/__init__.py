"""Receiving live events, from a queue or the webhook, and keeping them: one way in for both."""
