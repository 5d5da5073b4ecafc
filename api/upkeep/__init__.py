"""What runs by itself for as long as the server does: one coroutine a file, repeated by `every`."""
