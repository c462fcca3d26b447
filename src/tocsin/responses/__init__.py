"""What the team decides to do about a situation or a case, who said yes to exactly what, and what came of it."""
