"""
The engine: order, batches, pace and waits for work of any kind. It never names a kind of resource.

::

    graph     an order in which nothing comes before what it needs
    batches   lanes: what is performed together, and when a batch is as full as it will get
    execute   performs works on threads, in order, in batches, past failures
    stop      the signal that lets what flies land and starts nothing new
    clock     the time, handed in so that tests can drive it
    wait      waits for a condition with a name and a deadline
    belief    what AWS's bucket may be, judged by what became of the calls that were sent
    bucket    one bucket as seen from here: plain until AWS throttles, what is believed of it from then on
    limits    who may go next: a bucket for each service and operation, in each account and Region
    retry     whether a failed call goes again, and when: the whole policy
    pace      one call under limits and retries: the one place that does either
    events    what the engine tells whoever listens; it never prints
"""
