"""One folder per kind of AWS thing, the same four files in each; the registry lists them."""
