"""Everything by which answers come in: the link in a message, replies by SMS, voice, Signal and mail, and receipts."""
