"""The command line: `wheelyard …`. Each command calls one action; the rules are not here."""
