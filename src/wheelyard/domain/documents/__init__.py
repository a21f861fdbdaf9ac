"""The documents of the simple API at version 1.4, each rendered as JSON and HTML from one value."""
