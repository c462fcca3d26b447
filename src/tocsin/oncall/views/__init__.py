"""The pages of duty: who has it, one's own week, rotas and their editor, load and rest, and calendars."""
