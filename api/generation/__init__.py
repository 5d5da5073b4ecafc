"""One response: `running` starts and owns it, `run` carries it out, `follow` watches it.

A response is a task that outlives the request which asked for it. All that happens to it is a numbered event in
the store, so whoever follows it, early or late, here or in another process, reads the same story.
"""
