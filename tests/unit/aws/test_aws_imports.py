from __future__ import annotations

import subprocess
import sys


def test_botocore_is_not_imported_before_it_is_needed():
    """Importing the room costs no import of botocore, so that commands without AWS start quickly."""
    modules = "sys, lakeshare.aws.access, lakeshare.aws.failures, lakeshare.aws.quotas"
    code = f"import {modules}; print('botocore' in sys.modules)"

    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout == "False\n"
