"""Pure decisions on plain values and a day: no database, no clock, no Flask."""
