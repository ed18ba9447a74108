"""A whole cluster in virtual time: started in a cell, broken by a command, replayed to the byte."""

from kafkabook.lab.lab import Lab as Lab
from kafkabook.lab.rules import Rules as Rules
