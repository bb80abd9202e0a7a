"""What is true: tables, network, scenarios, and applying one to the other."""
