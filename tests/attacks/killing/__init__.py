"""A desk that is killed in the middle of its work, again and again, and looked at after each start."""
