"""What one text says happened, to whom, where, when and by whom, for a person to confirm; finds names to mask them."""

from tocsin.analysis.text.persecution.account import (
    PERPETRATORS,
    RULE,
    VIOLATIONS,
    Account,
    Span,
    Value,
    Victims,
)
from tocsin.analysis.text.persecution.telling import tell

__all__ = ["PERPETRATORS", "RULE", "VIOLATIONS", "Account", "Span", "Value", "Victims", "tell"]
