"""
Error texts that people meet around shared lakes, what each means here, and what to do. Pure: nothing is asked of AWS.

::

    record      one known text, as a value
    granting    Lake Formation's answers to grants, revokes and settings
    sharing     RAM, invitations, associations
    reading     what queries and the catalog answer
    reported    what is reported from automations that call what does not exist
    names       tables, principals and actions found in a text
    recognise   from a text to the records that it fits, likeliest first

The texts are those of the reference (lake-formation, sections 4.7 and 6; connect-data-lake, sections 7 and 7.1). They
are matched by code and substring, never whole: AWS words them differently from call to call.
"""

from lakeshare.access.known_errors.recognise import KNOWN, Recognised, nearest_known, recognise
from lakeshare.access.known_errors.record import KnownError

__all__ = ["KNOWN", "KnownError", "Recognised", "nearest_known", "recognise"]
