"""
Lake Formation: who may do what with the Data Catalog, within an account and across accounts.

Bottom up: ``keys`` names what can be granted on, ``grants`` and ``settings`` are what is stored, ``sharing`` keeps the
RAM shares behind grants to other accounts, ``effective`` works out what a caller holds, ``owners_policy`` what the
policy of the owner's catalog says, ``access`` decides about reading, ``registered_roles`` finds the role that then
reads, ``engines`` which engines may have what, ``authority`` decides about granting; ``granting``, ``listing``,
``data_lake_settings``, ``locations`` (stored in ``registrations``), ``data_cells_filters`` (in ``cells``, judged in
``row_expressions``), ``opting`` (in ``optins``), ``paths``, ``identity_center`` and ``temporary_credentials`` answer
the operations.

LF-tags are stored in ``tags``; ``by_tags`` works out what is held by them, ``tag_shares`` how it comes to other
accounts; ``lf_tags``, ``tagging``, ``tag_search`` and ``tag_expressions`` answer their operations.
"""

from __future__ import annotations

from lakeshare.sandbox.calls import Operations


def __getattr__(name: str) -> Operations:
    # The stores of these services are imported by each other's operations: assembling on first use keeps that acyclic.
    if name != "OPERATIONS":
        raise AttributeError(name)
    from lakeshare.sandbox.services.lakeformation import (
        data_cells_filters,
        data_lake_settings,
        granting,
        identity_center,
        lf_tags,
        listing,
        locations,
        opting,
        paths,
        tag_expressions,
        tag_search,
        tagging,
        temporary_credentials,
    )

    return {
        **data_cells_filters.OPERATIONS,
        **data_lake_settings.OPERATIONS,
        **granting.OPERATIONS,
        **identity_center.OPERATIONS,
        **lf_tags.OPERATIONS,
        **listing.OPERATIONS,
        **locations.OPERATIONS,
        **opting.OPERATIONS,
        **paths.OPERATIONS,
        **tag_expressions.OPERATIONS,
        **tag_search.OPERATIONS,
        **tagging.OPERATIONS,
        **temporary_credentials.OPERATIONS,
    }
