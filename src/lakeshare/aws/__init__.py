"""
Calls to AWS: sessions, the one way a call goes out, and what its failures mean.

::

    access     Aws: every account of a spec, ready to be called; what the rest of the house uses
    accounts   the values: AccountAccess (how to get in), Identity (who one is there)
    actor      one identity: calls, pages, repeats, failures made into ours
    session    credentials: a profile, an assumed role, a chain of them
    clients    botocore's clients, made once and shared by all threads
    failures   the one table of what AWS's errors mean
    quotas     how fast to start calling, and where each figure comes from
    parallel   the pool of workers for reads

botocore takes a quarter of a second to import, so it is imported when the first client is made, not before.
"""
