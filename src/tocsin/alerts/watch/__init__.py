"""Watches the pager itself: its heartbeat through a real channel, its watchers outside, its clock and its code."""
