"""The only way facts leave: sourced, drawn up for an audience, released by a person, corrected in the open."""
