"""Calendars (iCalendar) of elections, exams and holidays: what they hold becomes occasions, not texts."""
