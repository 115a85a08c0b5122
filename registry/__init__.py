"""The Python that knows records and never HTTP. The rooms and their order are drawn in CONTRIBUTING.md."""
