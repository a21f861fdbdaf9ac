"""The rows: schema, migrations and one module per resource, on SQLAlchemy Core.

One implementation fulfils `wheelyard.ports` on both dialects; nothing outside knows SQL.
"""
