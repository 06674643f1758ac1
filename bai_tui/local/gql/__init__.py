"""GraphQL of release 19.09: the schema file, its scalars and all resolvers."""
