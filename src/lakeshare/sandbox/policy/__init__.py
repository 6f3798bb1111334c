"""
IAM: whether a caller's policies allow what it asks for.

- ``documents``    a policy document as statements
- ``patterns``     ``*``, ``?`` and ``${variables}``
- ``conditions``   the condition operators
- ``context``      the keys that conditions look at
- ``evaluate``     what one document says about one action on one resource
- ``decide``       what all of a caller's documents say, in AWS's words
- ``simulation``   what they would say of a request that nobody makes, and which statement says it
- ``trust``        whether a role's trust policy lets a caller in
- ``data``         whether a caller may read what lies at a place in S3
- ``catalog_policies`` what the policies of Data Catalogs say
- ``asked``        which actions were asked about, for whom and on what
- ``requirements`` the actions and resource ARNs that an API call needs, as data

moto keeps the documents; nothing of moto's own checks is used.
"""

from lakeshare.sandbox.policy.decide import authorize
from lakeshare.sandbox.policy.principals import principal_known

__all__ = ["authorize", "principal_known"]
