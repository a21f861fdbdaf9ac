"""Wheelyard: a private Python package index, from one process to a cluster."""

__version__ = "0.1.0"
