"""Training the demo model: tokenizer, packing, the learner and its loop."""
