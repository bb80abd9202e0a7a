"""The explorer: a page on this machine where proposals are switched on and off."""
