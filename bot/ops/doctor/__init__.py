"""`gonghui doctor`: everything an installation depends on, looked at without changing anything.

The findings are Chinese sentences for the operator; they stand in this package, not in
`content/`, because no worker ever reads them.
"""
