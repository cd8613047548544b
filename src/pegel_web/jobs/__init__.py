"""Work in the background: kept in the database, done once, with progress, cancelled when somebody asks."""
