"""LOOKING FOR TROUBLE: one check a function; each gives a finding, and none of them changes anything."""
