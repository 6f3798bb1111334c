"""
Deciding, all of it pure: from a spec and what was observed to a plan.

::

    facts          what a spec leaves to the accounts to tell
    expand         spec and facts to every resource behind them; its parts are ``source``, ``opening``, ``query_place``,
                   ``location_role``, ``principals`` (who the readers are), ``reader_policies`` (one for each role, of
                   ``reader_policy`` and ``service_needs``) and ``lacking`` (what a role's own policies lack)
    graph          the resources that a spec asks for, and who asks for each
    build          what should be, what is and what is ours to a plan
    order          what each step waits for
    plan           the plan: steps, what stays as it is, what is in the way
    recovery       shares that have expired
    removals       administrators that no longer exist
    borrowing      administrator rights for one run
    moves          accounts and shares that the spec calls otherwise now
    target         a plan narrowed to some addresses and what they need
    guards         protection, and how much may be taken away at most
    plan_file      a plan as a file; ``stale`` says why one fits no more
    imagined       a spec expanded before any account may be looked at
    operator_rights  what IAM must allow the operator for it, ``reader_rights`` to look readers up; ``least_policy`` is
                   that as a document
    differences    a plan as drift: what somebody changed
"""
