"""Random fault schedules over the lab, shrunk when they break a property; bounded search."""

from kafkabook.storm.replay import replay as replay
