"""Documents: internal risk reports and the like, dropped into a folder, uploaded, or listed on a page."""
