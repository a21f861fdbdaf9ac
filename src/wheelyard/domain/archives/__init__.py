"""What is inside a distribution: the archive's framing, its members, and what they must say.

The readers are our own. They accept one reading of an archive only, so that no two installers
can see different contents, and they never trust a declared size: everything is streamed.
"""
