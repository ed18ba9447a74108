"""`python -m kafkabook` is `kafkabook`."""

from kafkabook.cli import main

if __name__ == "__main__":
    main(prog_name="kafkabook")
