"""The report for the doctor: two pages of figures, without a verdict."""
