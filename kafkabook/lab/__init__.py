"""A whole cluster in virtual time: started in a cell, broken by a command, replayed to the byte."""
