"""The reader of forms is the one that the console's doors use too."""

from tocsin.keys.uploads import Fault, Form, Incoming, Limits, Parts, Plain, Posted, Store, form_of, header

__all__ = ["Fault", "Form", "Incoming", "Limits", "Parts", "Plain", "Posted", "Store", "form_of", "header"]
