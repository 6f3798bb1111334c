"""
The checks, in the order in which a query meets them; from what was seen to a verdict. Pure.

::

    evaluate      all of them, in order (lake-formation reference, section 6)
    iam           what IAM says, of many actions and resources at once
    queries       workgroup, results bucket, the database `default`
    links         the database and the link that the query names, and the one hop that it takes
    sharing       RAM's gate between two accounts
    modes         whether Lake Formation or IAM alone decides
    rights        what the reader holds on the target by all grants, the owner's to its account among them
    permissions   what a query makes of that: the owner's grant, the reader's, columns, rows
    credentials   GetDataAccess, registered locations, S3
    keys          of KMS: the results', the catalogs', the files'
"""

from lakeshare.access.explain.checks.evaluate import evaluate

__all__ = ["evaluate"]
