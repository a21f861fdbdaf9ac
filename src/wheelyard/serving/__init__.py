"""Being a server process: the workers and their parent, signals, logs."""
