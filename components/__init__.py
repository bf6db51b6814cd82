"""The café's infrastructure. What is about no café is a package of its own, whose contents `package.py` lists."""
