"""nginx with the pages as static files, compressed beforehand: what the machine can do at most."""

import os
import subprocess
from pathlib import Path

from side_by_side.debian import program
from side_by_side.peers.peer import Launch, Place

_CONFIGURATION = """
daemon off; worker_processes 1; pid {data}/nginx.pid; error_log {data}/error.log;{user}
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 100000000;
  client_body_temp_path {data}/tmp; proxy_temp_path {data}/tmp; fastcgi_temp_path {data}/tmp;
  uwsgi_temp_path {data}/tmp; scgi_temp_path {data}/tmp;
  map $http_accept $form {{ default html; "~vnd.pypi.simple.v1.json" json; }}
  types {{ text/html html; application/vnd.pypi.simple.v1+json json; text/plain metadata; }}
  default_type application/octet-stream;
  server {{
    listen 127.0.0.1:{port}; root {data}/static;
    location ~ ^/simple/.*/$ {{ gzip_static on; try_files $uri/index.$form =404; }}
    location = /simple/ {{ gzip_static on; try_files /simple/index.$form =404; }}
    location /files/ {{ }}
  }}
}}
"""


class Nginx:
    """The system's nginx, from Debian; it is installed when the benchmark runs as root."""

    name = "nginx"
    note = "static files, pages compressed beforehand, one worker process, nobody is authenticated"

    def version(self) -> str:
        """Return the version of the system's nginx."""
        said = subprocess.run(
            [program("nginx", "nginx-light"), "-v"], capture_output=True, text=True, check=True
        )
        return said.stderr.strip().rpartition("/")[2]

    def launch(self, data: Path, port: int) -> Launch:
        """Write the configuration and return the command."""
        (data / "tmp").mkdir(exist_ok=True)
        (data / "static" / "simple").mkdir(parents=True, exist_ok=True)
        user = " user root;" if os.geteuid() == 0 else ""
        configuration = data / "nginx.conf"
        configuration.write_text(_CONFIGURATION.format(data=data, port=port, user=user))
        command = [program("nginx", "nginx-light"), "-c", str(configuration), "-p", str(data)]
        return Launch([*command, "-e", str(data / "error.log")])

    def open(self, data: Path, port: int) -> Place:
        """Return where it is, and where its files are laid."""
        return Place(f"http://127.0.0.1:{port}/simple/", folder=data / "static")
