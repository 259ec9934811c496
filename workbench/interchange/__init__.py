"""Files of other tools in and out: one pure parser or writer per format; nothing here knows the store or a model."""
