"""The things a registry holds, as frozen values: what a row means, without the row.

Times are aware datetimes in UTC; ids are the database's; sizes are bytes.
"""
