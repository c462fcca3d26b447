"""What is normal here, at this hour and on this weekday, where missing is not zero."""
