"""GitLab's REST API: its shapes, and what answers under `/api/v4`."""
