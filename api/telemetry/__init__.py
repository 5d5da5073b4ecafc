"""WHAT ONE SEES OF IT: facts become log lines, metrics and spans here, and nowhere else."""
