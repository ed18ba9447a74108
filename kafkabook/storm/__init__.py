"""Random fault schedules over the lab, shrunk when they break a property; and bounded exhaustive search."""
