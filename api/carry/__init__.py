"""TAKING A USER ELSEWHERE: all that is kept about one, as a file of lines and back. docs/export.md has the format."""
