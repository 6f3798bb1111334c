"""
What lakeshare remembers between runs: what it made, what it was about to make, which runs there were.

::

    records       the values: Entry, Intent, Settlement, Run
    ledger        what holds them, and where it lies
    database      the SQLite database behind it: one connection, one thread at a time
    connection    opening its file
    schema        its tables, and the steps from one version of them to the next
    object_store  what a ledger asks of a place like S3
    journal       a ledger there: a snapshot and numbered segments
    segments      one segment, and what the objects are called
    changes       the rows that a segment is made of
    locking       one writer at a time: a row of the file, or
    lease         an object that is renewed while a run goes on
    lock          who holds the ledger, and whether that process is still there
    external_ids  the ExternalIds that lakeshare made up, in a file of their own
    files         writing files that are whole or not there
"""
