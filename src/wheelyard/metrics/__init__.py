"""The server's figures: counted in memory that its processes share, collected for Prometheus."""
