"""What comes and goes: other formats."""
