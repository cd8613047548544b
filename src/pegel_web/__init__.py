"""The application: keeps an organisation's records, asks the library, shows the answers to people and programs."""
