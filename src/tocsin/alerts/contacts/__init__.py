"""The pages and API routes by which people look after their own addresses."""
