"""
What lakeshare remembers between runs: what it made, what it was about to make, which runs there were.

::

    records   the values: Entry, Intent, Settlement, Run
    ledger    the file that holds them, and where it lies
    schema    its tables, and the steps from one version of them to the next
    lock      who holds the ledger, and whether that process is still there
"""
