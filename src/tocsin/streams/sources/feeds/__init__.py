"""Web feeds: RSS, Atom and JSON Feed, as news sites, blogs and many registers publish them."""
