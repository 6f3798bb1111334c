"""
The whole story on the embedded sandbox: two accounts, 48 tables, one Lambda role, and a query that works.

::

    isolation  no AWS settings of the shell, no address but the sandbox's own
    stage      the sandbox, a seeded Connect instance, an operator role in each account, a spec in a folder
    story      plan, apply, verify, plan again, ask a question; each as any user would call it
    telling    the story as text, or as one document
"""
