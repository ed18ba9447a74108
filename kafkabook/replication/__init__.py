"""One partition's copies: leader and followers over the real log, and their decisions as parts."""
