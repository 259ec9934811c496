"""Where rows come from: files of text, JSON, CSV and Parquet, folders of the datasets library, data sets on the hub."""
