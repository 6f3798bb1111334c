"""
The engine: order, batches, pace and waits for work of any kind. It never names a kind of resource.

::

    graph     an order in which nothing comes before what it needs
    batches   lanes: what is performed together, and when a batch is as full as it will get
    execute   performs works on threads, in order, in batches, past failures
    stop      the signal that lets what flies land and starts nothing new
    clock     the time, handed in so that tests can drive it
    wait      waits for a condition with a name and a deadline
    limits    token buckets that learn how fast AWS lets us go
    retry     how long to pause before the next attempt, and how often at most
    pace      one call under limits and retries
    events    what the engine tells whoever listens; it never prints
"""
