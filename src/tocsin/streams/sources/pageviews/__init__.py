"""Wikimedia page views: how much each project is read, in the world and, where it is published, in one country."""
