"""
The same job through Terraform, the AWS CLI, plain boto3 and lakeshare: the pieces of ``bench/terraform.py``.

::

    job        what is to be made, and the calls that make, check and unmake it one by one
    world      a sandbox in a process of its own that notes when each call came, and what stands before the job begins
    served     the program of that process
    programs   runs a program and measures it, children included
    tools      the four ways to do the job
    results    the table, and what became of the targets
"""
