"""Reports as one file to look at and to print: charts as inline SVG, no scripts, nothing fetched."""
