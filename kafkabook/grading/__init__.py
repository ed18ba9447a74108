"""Laws into marks: what a learner wrote runs in a process of its own, ring by ring."""
