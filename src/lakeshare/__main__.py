"""``python -m lakeshare`` is the command line."""

from lakeshare.cli import main

if __name__ == "__main__":
    main()
