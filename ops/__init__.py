"""`python -m ops`: what an operator does about the pipeline, on this machine and on AWS."""
