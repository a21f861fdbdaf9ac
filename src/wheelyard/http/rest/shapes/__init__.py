"""The JSON of GitLab's REST API for each thing; `wheelyard … --json` prints the same.

Each shape is a type: mypy checks that what builds one leaves nothing out, and FastAPI makes the
schemas of `openapi.json` of it. The types come from `typing_extensions`: pydantic takes those of
the standard library from Python 3.12 on only.
"""
