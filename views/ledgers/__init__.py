"""Ledgers (台帐): workbooks out and in, as declared columns. No Flask here: screens, jobs and commands call it."""
