"""Wheelyard beside other package servers: the same corpus, the same load, one table.

`bench/compare` runs this package. `peers` says how each server is installed, started and filled;
`measurements` what is measured; `rounds` interleaves that; `table`, `plot`, `bars` show it.
"""
