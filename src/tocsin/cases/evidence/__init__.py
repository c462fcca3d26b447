"""Files that prove what happened: where they came from, who touched them, and what may be seen and sent of them."""
