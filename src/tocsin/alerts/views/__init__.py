"""The pages of alerts: the list, one alert, paging now, policies, rules, drills and the pager itself."""
