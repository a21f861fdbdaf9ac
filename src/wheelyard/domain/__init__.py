"""The vocabulary and the rules: frozen values and plain functions, no I/O and no clock."""
