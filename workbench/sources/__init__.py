"""Where models come from: folders, the hub and its cache, endpoints; nothing here loads a model."""
