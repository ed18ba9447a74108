"""Apache Kafka from the inside: small, exact, replaceable parts, and the chapters that run them.

Nothing heavy is imported here: `import kafkabook` stays cheap, and what a chapter needs it takes
from the package that shows the idea (`kafkabook.log`, `kafkabook.records`, …).
"""

__version__ = "0.1.0"
