"""Safety guides in plain words: written, reviewed by people affected, published, adopted, and retired when wrong."""
