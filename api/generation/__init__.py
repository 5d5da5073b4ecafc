"""One response: `running` starts and owns it, `run` carries it out, `follow` watches it.

A response is a task that outlives the request which asked for it. All that happens to it is a numbered row
in `response_events`, so whoever follows it reads the same story, early or late.
"""
