"""
What a person, a pipeline or a pull request sees of a plan, its outcomes and its proofs.

::

    Plan, Outcomes, Proofs, Drift --view--> frozen values --text | json | junit | markdown | sarif--> what is printed

Views (``plan_view``, ``apply_view``, ``verify_view``, ``drift_view``, ``catalogue_view``) hold every decision about
what to show: what is alike (``bunches``), what caused what. Formats only write them down: ``text`` for people,
``json``, ``junit``, ``markdown``, ``sarif``. ``progress`` tells of a run while it goes on.
"""
