"""What changes: comparison and metrics."""
