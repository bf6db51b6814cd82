"""What stands before the site and the API: domains, a firewall, access logs."""
