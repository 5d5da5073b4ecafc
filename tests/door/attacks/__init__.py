"""What somebody would send who means us ill, over every way in: refused soon, with a code, and with nothing of ours."""
