"""How pages and uploads grow with the number of nodes, and what PostgreSQL and S3 cost them.

Wheelyard's own nodes on one machine, each pinned to a core as far as there are cores. The machine's
load generator and database share these cores, so the rates say less than the CPU of each request.
"""
