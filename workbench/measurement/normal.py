"""What is known of the normal curve, for those who load no arrays."""

#: The 97.5th percentile of the standard normal: half the width of a 95 % interval in standard errors.
Z_95 = 1.959963984540054
