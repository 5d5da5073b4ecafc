"""The server's own figures over time: counted by the minute, added up in the store over all processes."""
