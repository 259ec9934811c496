"""The verbs: records in, records out; no database, no clock, no globals."""
