"""Language models: the only importer of torch and transformers for inference."""
