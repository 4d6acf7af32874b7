"""The data layer: Peewee tables and, beside them, the moves on them. Usable without Flask."""
