"""What a case is made of: each kind of record is one frozen dataclass, checked before it is sealed."""
