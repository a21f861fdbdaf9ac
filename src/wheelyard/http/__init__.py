"""HTTP: turning requests into calls of `index` and `actions`, and what comes back into answers."""
