"""Reports for people: trees and tables on a terminal, plain text everywhere else."""
