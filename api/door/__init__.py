"""The door: what comes in over HTTP and WebSocket is read, limited, prepared and answered here, or refused.

`http` and `websocket` are the two ways in; `documents` prepares the operation; `shaping` writes the errors.
"""
