"""The staff console at `/console`: starlette-admin's frame, its pages over our services, nothing read round them.

A page is a `Page` (one template and its acts) or a `GuardedList` (a list over a service) in `views/`;
`views/__init__.py` holds the one tuple of all of them. What a page may do is decided by the role table alone.
"""
