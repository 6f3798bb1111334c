"""
moto, kept at arm's length: the only package that touches its insides.

moto is the storage behind S3 and IAM and answers every service that is not ours. Its state belongs to the whole Python
interpreter and is not safe for threads, so one lock stands before every touch of it, and nothing of it is imported
until something is asked of it that it may know.
"""

from lakeshare.sandbox.moto_bridge.data_catalogs import AWS_OWN_KEY, CatalogEncryption
from lakeshare.sandbox.moto_bridge.insides import reset
from lakeshare.sandbox.moto_bridge.keys import KeyEntry
from lakeshare.sandbox.moto_bridge.objects import ObjectEntry
from lakeshare.sandbox.moto_bridge.organisations import Organisation
from lakeshare.sandbox.moto_bridge.principals import KeyHolder, PolicyEntry, RoleEntry
from lakeshare.sandbox.moto_bridge.store import Moto
from lakeshare.sandbox.moto_bridge.tagging import Tagged, show_tagged

__all__ = [
    "AWS_OWN_KEY",
    "CatalogEncryption",
    "KeyEntry",
    "KeyHolder",
    "Moto",
    "ObjectEntry",
    "Organisation",
    "PolicyEntry",
    "RoleEntry",
    "Tagged",
    "reset",
    "show_tagged",
]
