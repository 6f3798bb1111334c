"""
Looks at everything that one question needs, through the accounts of the spec. Reads only.

::

    look           all of it together, in as few turns as its parts depend on each other
    asking         one look that may be refused: what came of it, or why there is nothing
    where          which database and link the question means, by the spec
    readers        which of the spec's readers somebody is
    principal      a role or user, and all policies of it
    organisation   service control policies, where they can be seen
    catalog        databases, tables, the catalog's own policy and encryption
    lake           administrators, grants, LF-tags, data cells filters, opt-ins
    shares         RAM's shares and invitations
    storage        workgroup, buckets, registered locations
    keys           of KMS, and which of them files are encrypted with
"""

from lakeshare.access.explain.read.look import look

__all__ = ["look"]
