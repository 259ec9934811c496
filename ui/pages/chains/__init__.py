"""Red team and chains: prompts, the runs that answer, criticise and revise, and every chain to read and to mend."""
