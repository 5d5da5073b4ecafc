"""The servers that ContextQL's read path is measured against, over the same tables. Those in Node stand beside this."""
