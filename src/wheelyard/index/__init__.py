"""The READ side: small parts with the same three methods (list, page, open_file), which nest."""
