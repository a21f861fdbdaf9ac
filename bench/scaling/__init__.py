"""How the cost of each request grows with the registry: what `bench/scale` runs.

`shape` and `corpus` make up a registry in PyPI's shape, `seeding` writes its rows, `probes` says
what is measured and `measuring` how, `tables` prints it.
"""
