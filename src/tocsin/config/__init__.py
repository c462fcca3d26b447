"""Settings, addresses, commands and the worker loop: the only place that knows all."""
