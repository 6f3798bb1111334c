"""
What a person, a pipeline or a pull request sees of a plan, its outcomes and its proofs.

::

    Plan, Outcomes, Proofs --view--> frozen values --text | json | junit | markdown--> what is printed

Views hold every decision about what to show (what is alike, what caused what); formats only write them down.
"""
