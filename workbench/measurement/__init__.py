"""Pure statistics of what was measured: numbers in, estimates with their uncertainty out."""
