"""A report for programs: as JSON, and in the forms that CI servers read."""
