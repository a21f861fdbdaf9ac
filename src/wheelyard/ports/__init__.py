"""The contracts between the rules and the machinery: what a database and a byte store must do.

Actions and the index know these Protocols only. `wheelyard.sql` and `wheelyard.blobs` fulfil
them, `wheelyard.app` puts them together, and one test suite per port holds for every backend.
"""
