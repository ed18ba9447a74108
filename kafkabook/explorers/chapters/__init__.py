"""The explorers of each chapter; a module has the name of its chapter, or of what several show."""
