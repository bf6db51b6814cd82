"""Custom domains, firewall and access logs of the site and the API."""
