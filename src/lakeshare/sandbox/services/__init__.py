"""The services that the sandbox answers itself, one module or folder each."""
