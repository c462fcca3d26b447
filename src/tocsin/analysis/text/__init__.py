"""Language, places, kinds of harm, near-duplicates and stories in texts of any language."""
