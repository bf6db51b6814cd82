"""`python -m ops`: operator commands for a local run or a stack on AWS."""
