"""The chapters as an offline HTML book, with its glossary and its map from the lecture notes."""
