"""Serves recorded data on loopback as its real upstreams would, so that collectors run over real sockets."""
