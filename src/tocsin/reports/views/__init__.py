"""The pages of reports: the list, a draft and its editor, an issue with its readers, layouts, measures, and a link."""
