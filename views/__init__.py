"""Every face of the data: screens, public pages, ledgers, prints."""
