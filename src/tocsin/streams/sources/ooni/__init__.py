"""OONI: what volunteers' probes measure of blocked sites and apps, as counts by day or as single measurements."""
