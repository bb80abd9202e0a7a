"""What people see: tables, figures, results."""
