"""The pages of sources, documents, requirements and coverage."""
