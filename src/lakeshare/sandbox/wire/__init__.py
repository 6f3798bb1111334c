"""
AWS on the wire, in both directions, from botocore's own service models.

- ``http``        a request and an answer, whole
- ``scope``       who signed, for which service and Region
- ``meaning``     which operation a request means
- ``s3_host``     S3 addressed through the host, brought to the path
- ``models``      service models, loaded when first needed
- ``routes``      method and path to operation, for the REST protocols
- ``parse``       request to the parameters boto3 users spell
- ``constraints`` what the service model asks of those parameters
- ``serialise``   an operation's answer to bytes
- ``refusal``     an error to bytes, in each protocol's own form

Nothing here knows an identity or a store.
"""
