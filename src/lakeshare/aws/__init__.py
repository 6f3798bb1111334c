"""
Calls to AWS: sessions, the one way a call goes out, and what its failures mean.

::

    access          Aws: every account of a spec, ready to be called; what the rest of the house uses
    accounts        the values: AccountAccess (how to get in), Identity (who one is there)
    identity        from who AWS says we are to the principal that Lake Formation knows
    actor           one identity: calls, pages, repeats, failures made into ours
    session         credentials: a profile, an assumed role, a chain of them
    clients         botocore's clients, made once and shared by all accounts; whoever calls signs
    models          botocore's service models, read in less time
    whole_settings  Lake Formation's settings with the members that those models do not know
    failures        the one table of what AWS's errors mean
    raising         from botocore's exceptions to ours, by that table
    quotas          how fast to start calling, and where each figure comes from
    counts          how many calls went out
    parallel        the pool of workers for reads
    parameters      an ExternalId in an SSM parameter
    object_store    S3 as a place for a ledger

botocore takes a quarter of a second to import, so it is imported when the first client is made, not before.
"""
