"""What happens to the contexts of a user: `feed` looks at the store for all who follow here, `follow` is one of them.

Writers tell nobody of what they write: whoever follows is told by a look that is taken once a second.
"""
