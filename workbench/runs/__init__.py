"""Work as a folder: plan, inputs, results, events, control; queue, launcher, follower; no torch and no store."""
