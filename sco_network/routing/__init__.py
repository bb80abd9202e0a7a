"""What it costs: impedance, the expanded graph, routes and skims."""
