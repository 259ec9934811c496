"""The generator of the demo world: everything it knows is used for training only, never by the workbench."""
