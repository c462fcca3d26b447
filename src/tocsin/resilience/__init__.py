"""What makes the communities whom we serve less easy to harm: who they are, what they were promised, what they face."""
