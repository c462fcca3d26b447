"""The home page, navigation, map and search across folders."""
