"""
What lakeshare remembers between runs: what it made, what it was about to make, which runs there were.

::

    records       the values: Entry, Intent, Settlement, Run
    ledger        the file that holds them, and where it lies
    connection    opening that file
    schema        its tables, and the steps from one version of them to the next
    lock          who holds the ledger, and whether that process is still there
    external_ids  the ExternalIds that lakeshare made up, in a file of their own
    files         writing files that are whole or not there
"""
